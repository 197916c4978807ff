/* url.c - scheme, host, port, target: from left to right, each character once. */
#include "apps/tern/url.h"

#include "apps/tern/i18n.h"

#include <string.h>
#include <strings.h>

static bool url_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool url_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters, digits, and what may stand in a name or an address (RFC 3986 3.2.2, unreserved). */
static bool url_is_host(char c, bool bracketed)
{
    if (url_is_letter(c) || url_is_digit(c) || c == '.')
        return true;
    return bracketed ? c == ':' : c == '-' || c == '_';
}

/* Ends the authority: what follows is a path, a query, a fragment, or nothing. */
static bool url_is_end(char c)
{
    return c == '\0' || c == '/' || c == '?' || c == '#';
}

/* scheme ":" "//": moves *text past it. */
static url_error url_scheme(const char **text)
{
    const char *at = *text;

    while (url_is_letter(*at) || url_is_digit(*at) || *at == '+' || *at == '-' || *at == '.')
        at++;
    if (!url_is_letter(**text) || strncmp(at, "://", 3) != 0)
        return URL_NO_SCHEME;
    if (at - *text != 4 || strncasecmp(*text, "http", 4) != 0)
        return URL_SCHEME_UNKNOWN;
    *text = at + 3;
    return URL_OK;
}

/* [ address ] or name: moves *text to what follows. */
static url_error url_host(const char **text, url *u)
{
    const char *at = *text;
    size_t bytes = 0;

    u->bracketed = *at == '[';
    if (u->bracketed)
        at++;
    while (url_is_host(at[bytes], u->bracketed))
        bytes++;
    if (bytes >= sizeof u->host)
        return URL_TOO_LONG;
    memcpy(u->host, at, bytes);
    u->host[bytes] = '\0';
    at += bytes;
    if (u->bracketed && *at++ != ']')
        return URL_BAD_HOST;
    if (*at != ':' && !url_is_end(*at))
        return URL_BAD_HOST;
    if (bytes == 0)
        return URL_NO_HOST;
    *text = at;
    return URL_OK;
}

/* ":" digits, or nothing, or a ":" alone (RFC 3986 3.2.3). */
static url_error url_port(const char **text, url *u)
{
    const char *at = *text;
    unsigned port = 0, digits = 0;

    u->port = 80;
    if (*at != ':')
        return URL_OK;
    for (at++; url_is_digit(*at); at++, digits++) {
        port = port * 10 + (unsigned)(*at - '0');
        if (port > UINT16_MAX)
            return URL_BAD_PORT;
    }
    if ((digits > 0 && port == 0) || !url_is_end(*at))
        return URL_BAD_PORT;
    if (digits > 0)
        u->port = (uint16_t)port;
    *text = at;
    return URL_OK;
}

/* Path and query, up to the fragment. */
static url_error url_target(const char *text, url *u)
{
    size_t bytes = 0;

    if (*text != '/')
        u->target[bytes++] = '/';
    for (; *text != '\0' && *text != '#'; text++) {
        if (*text <= ' ' || *text > '~')
            return URL_BAD_CHARACTER;
        if (bytes >= sizeof u->target - 1)
            return URL_TOO_LONG;
        u->target[bytes++] = *text;
    }
    u->target[bytes] = '\0';
    return URL_OK;
}

url_error url_parse(const char *text, url *u)
{
    url_error error = url_scheme(&text);

    if (error != URL_OK)
        return error;
    if (memchr(text, '@', strcspn(text, "/?#")) != NULL)
        return URL_USERINFO;
    error = url_host(&text, u);
    if (error == URL_OK)
        error = url_port(&text, u);
    if (error != URL_OK)
        return error;
    return url_target(text, u);
}

const char *url_error_text(url_error error)
{
    switch (error) {
    case URL_OK:
        break;
    case URL_SCHEME_UNKNOWN:
        return N_("only http:// is spoken here");
    case URL_NO_SCHEME:
        return N_("no scheme: write http://HOST[:PORT]/PATH");
    case URL_NO_HOST:
        return N_("no host: write http://HOST[:PORT]/PATH");
    case URL_USERINFO:
        return N_("a user name in the URL is not supported");
    case URL_BAD_HOST:
        return N_("the host is not a name, an IPv4 address or an IPv6 address in brackets");
    case URL_BAD_PORT:
        return N_("the port is not a number from 1 to 65535");
    case URL_BAD_CHARACTER:
        return N_("a space, control or non-ASCII character must be percent-encoded");
    case URL_TOO_LONG:
        return N_("it is too long");
    }
    return "";
}
