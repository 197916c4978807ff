/* http_request.h - a request to a file server: what it asks for, or how it is wrong.
 *
 * RFC 9112 3. */
#ifndef TERN_APPS_HTTP_REQUEST_H
#define TERN_APPS_HTTP_REQUEST_H

#include "apps/tern/http_head.h"

enum {
    HTTP_PATH_BYTES = 1024,    /* of a path, decoded, its NUL included */
    HTTP_REQUEST_BYTES = 8192, /* of a whole head: more is 431 */
};

typedef enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OTHER } http_method;

/* Octets first .. last of a file, as asked for (RFC 9110 14.1.2). */
typedef struct http_range {
    bool present;
    bool suffix;          /* "-500": the last `first` octets */
    uint64_t first, last; /* last UINT64_MAX: to the end */
} http_range;

typedef struct http_request {
    unsigned status; /* 0: well-formed; else the answer: 400, 414, 431, 501, 505 */
    http_method method;
    bool keep_alive; /* the connection may go on after the answer */
    bool body;       /* it announces a body, which this server does not read */
    http_range range;
    char path[HTTP_PATH_BYTES]; /* percent-decoded, no query: begins with '/', no NUL inside */
} http_request;

/* Reads a whole head, as http_head_end() has found it. */
void http_request_parse(http_request *r, const char *head, size_t bytes);

/* The octets of a file of `size` that a range means. false: none (416). */
bool http_range_resolve(const http_range *range, uint64_t size, uint64_t *first, uint64_t *count);

#endif
