/* conversation.h - one HTTP/1.1 connection of the file server: request in, reply out, again.
 *
 * A reply is sent in pieces as large as the send buffer has room for: a file of any size takes one
 * buffer that all conversations share. */
#ifndef TERN_APPS_CONVERSATION_H
#define TERN_APPS_CONVERSATION_H

#include "apps/tern/document.h"
#include "apps/tern/http_request.h"
#include "tern/tern.h"

enum {
    CONVERSATION_HEAD_BYTES =
        2048, /* of a reply; the path in a Location is at most 3 times 1 KiB */
    CONVERSATION_PIECE_BYTES = 65536,
};

/* A request was answered: for the log. */
typedef struct conversation_answer {
    const tern_endpoint *peer;
    const char *method, *path;
    unsigned status;
    uint64_t octets; /* of the body, as announced */
} conversation_answer;

typedef struct conversation_site {
    tern_stack *stack;
    int root;          /* as document_root() opened it */
    tern_time idle_us; /* without progress for this long: the end */
    char *piece;       /* CONVERSATION_PIECE_BYTES, shared */
    void (*answered)(void *context, const conversation_answer *answer); /* NULL: no log */
    void *context;
} conversation_site;

typedef enum conversation_stage {
    CONVERSATION_REQUEST, /* a head is awaited */
    CONVERSATION_HEAD,    /* the head of the reply goes out */
    CONVERSATION_BODY,
    CONVERSATION_LINGER, /* all is sent and FIN is queued: what still comes is thrown away, so that
                          * no RST overtakes the reply (RFC 9112 9.6) */
    CONVERSATION_OVER,   /* the handle was given back */
} conversation_stage;

typedef struct conversation {
    const conversation_site *site;
    tern_handle connection;
    tern_endpoint peer;
    conversation_stage stage;
    tern_time end_by_us; /* the end, unless something moves before */

    char request[HTTP_REQUEST_BYTES];
    size_t request_bytes; /* may hold more than one request */
    bool keep_alive;
    bool peer_closed;

    char head[CONVERSATION_HEAD_BYTES];
    size_t head_bytes, head_sent;
    document document;
    uint64_t offset, left; /* of the document: what is still to be sent */
} conversation;

void conversation_begin(conversation *c, const conversation_site *site, tern_handle connection,
                        tern_time now_us);

/* Something has happened to the connection. Goes as far as it can. */
void conversation_event(conversation *c, tern_time now_us, const tern_event *event);

/* Its time is over. */
void conversation_expire(conversation *c, tern_time now_us);

#endif
