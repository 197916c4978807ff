/* document.h - what a path means in a folder: a file, a listing, another path, or nothing.
 *
 * Everything is opened beneath the folder by the kernel (openat2, RESOLVE_BENEATH): no "..", no
 * absolute link leads out of it. Links that stay inside are followed. */
#ifndef TERN_APPS_DOCUMENT_H
#define TERN_APPS_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DOCUMENT_LISTING_MAX = 10000
}; /* names in a listing; the rest is left out, and it says so */

typedef struct document {
    unsigned status;  /* 200; 301: the path without its '/' at the end is a folder; 403; 404; 500 */
    const char *type; /* Content-Type */
    uint64_t size;
    int fd;     /* a regular file, to be closed; -1: none */
    char *text; /* a listing, to be freed; NULL: none */
} document;

/* Opens the folder. -1: errno says why; ENOSYS: the kernel has no openat2. */
int document_root(const char *folder);

/* path: decoded, begins with '/'. */
void document_open(document *d, int root, const char *path);
void document_close(document *d);

#endif
