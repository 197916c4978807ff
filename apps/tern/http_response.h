/* http_response.h - a response: its head, and where its body ends (RFC 9112 4, 6, 7). */
#ifndef TERN_APPS_HTTP_RESPONSE_H
#define TERN_APPS_HTTP_RESPONSE_H

#include "apps/tern/http_head.h"

typedef enum http_framing {
    HTTP_BODY_NONE,
    HTTP_BODY_LENGTH,
    HTTP_BODY_CHUNKED,
    HTTP_BODY_UNTIL_CLOSE,
} http_framing;

typedef struct http_response {
    unsigned status; /* 100 .. 999 */
    http_framing framing;
    uint64_t length;    /* with HTTP_BODY_LENGTH */
    http_span location; /* into the head; bytes 0: none */
} http_response;

/* Reads a whole head, as http_head_end() has found it, of an answer to a GET. false: it is not
 * HTTP/1.x, or its framing is wrong. */
bool http_response_parse(http_response *r, const char *head, size_t bytes);

typedef enum http_chunk_part {
    HTTP_CHUNK_SIZE, /* hex digits */
    HTTP_CHUNK_SKIP, /* an extension, up to the end of the line */
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_DATA_END, /* the CRLF after the data */
    HTTP_CHUNK_TRAILER,  /* fields after the last chunk, up to an empty line */
} http_chunk_part;

/* How far a body has come. */
typedef struct http_body {
    http_framing framing;
    bool done; /* all of it has come */
    uint64_t left;
    http_chunk_part part;
    unsigned digits;      /* of the chunk size */
    unsigned line_octets; /* of the line being skipped */
} http_body;

void http_body_begin(http_body *b, const http_response *r);

/* Takes octets as they come: returns how many of them it has used, and with them *data, the piece
 * of the body that they hold (*data_bytes 0: none). Call again with what is left, until that is
 * nothing or b->done. -1: not a chunked body. */
ptrdiff_t http_body_take(http_body *b, http_span in, http_span *data);

/* The connection has ended. Was that the end of the body? */
bool http_body_end(http_body *b);

#endif
