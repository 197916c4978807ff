/* url.h - an http:// URL taken apart (RFC 3986 3, RFC 9110 4.2.1). */
#ifndef TERN_APPS_URL_H
#define TERN_APPS_URL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    URL_HOST_BYTES = 256,    /* a DNS name is at most 253 characters (RFC 1035 2.3.4) */
    URL_TARGET_BYTES = 4096, /* path and query */
};

typedef struct url {
    char host[URL_HOST_BYTES];     /* without the brackets of an IPv6 address; never empty */
    bool bracketed;                /* it had them: an address, not a name */
    uint16_t port;                 /* 80 when the URL names none */
    char target[URL_TARGET_BYTES]; /* what the request line asks for: begins with '/' */
} url;

typedef enum url_error {
    URL_OK,
    URL_SCHEME_UNKNOWN, /* well-formed, and not http */
    URL_NO_SCHEME,
    URL_NO_HOST,
    URL_USERINFO,      /* user:password@: tern sends none, so it does not take any */
    URL_BAD_HOST,      /* a character that no host has, or brackets that do not close */
    URL_BAD_PORT,      /* not 1 .. 65535 */
    URL_BAD_CHARACTER, /* space, control or non-ASCII: to be percent-encoded */
    URL_TOO_LONG,
} url_error;

/* Takes the fragment off. On an error *u is not to be used. */
url_error url_parse(const char *text, url *u);

/* One clause, English, for gettext. */
const char *url_error_text(url_error error);

#endif
