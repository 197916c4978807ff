/* fetch.h - one GET over one connection, from the SYN to the last octet of the body. */
#ifndef TERN_APPS_FETCH_H
#define TERN_APPS_FETCH_H

#include "apps/tern/http_response.h"
#include "apps/tern/output.h"
#include "apps/tern/url.h"
#include "tern/tern.h"

enum {
    FETCH_HEAD_BYTES = 16384, /* of a response: more is FETCH_WEIRD */
    FETCH_WHY_BYTES = 200,
};

/* Exit statuses, those of curl(1) where it has one. */
typedef enum fetch_status {
    FETCH_OK = 0,
    FETCH_FAILED = 1, /* also an unsupported protocol, as in curl */
    FETCH_USAGE = 2,
    FETCH_URL = 3,
    FETCH_RESOLVE = 6,
    FETCH_CONNECT = 7,
    FETCH_WEIRD = 8,
    FETCH_PARTIAL = 18,
    FETCH_HTTP_ERROR = 22,
    FETCH_WRITE = 23,
    FETCH_TIMEOUT = 28,
    FETCH_EMPTY = 52,
    FETCH_RECEIVE = 56,
} fetch_status;

typedef struct fetch_job {
    tern_stack *stack;
    const url *url;
    tern_endpoint remote;
    bool compare;   /* f->digest is wanted */
    bool fast_open; /* the request goes with the SYN, when the server's cookie is known */
    bool fail;      /* HTTP status 400 and above is FETCH_HTTP_ERROR, and the body is not written */
} fetch_job;

typedef enum fetch_stage {
    FETCH_CONNECTING,
    FETCH_HEAD, /* the request is out, or going out; the head of the response is awaited */
    FETCH_BODY,
    FETCH_DONE, /* status says how; the connection is closed */
} fetch_stage;

typedef struct fetch {
    const fetch_job *job;
    tern_handle connection;
    fetch_stage stage;
    fetch_status status;
    char why[FETCH_WHY_BYTES]; /* when the status is not FETCH_OK: one translated clause */

    char *buffer; /* the request until it is sent, then the head of the response */
    size_t buffer_bytes, sent_bytes;
    bool request_out;
    http_response response;
    http_body body;

    output *out;      /* NULL: the body is only counted */
    bool out_blocked; /* octets wait until output_room() */
    uint64_t octets;  /* of the body */
    uint64_t digest;  /* of the body: FNV-1a, to compare one fetch with another */
} fetch;

/* Opens the connection. false: failed at once, f->status says how. Ends with fetch_free(). */
bool fetch_begin(fetch *f, const fetch_job *job, output *out, tern_time now_us);

/* Something has happened to f->connection, or there is room in the output again. */
void fetch_event(fetch *f, tern_time now_us, const tern_event *event);

/* Gives up: the peer gets a RST. */
void fetch_abort(fetch *f, tern_time now_us, fetch_status status, const char *why);

void fetch_free(fetch *f);

#endif
