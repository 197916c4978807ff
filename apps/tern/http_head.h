/* http_head.h - the head of an HTTP/1.1 message: lines and fields (RFC 9112 2, 5).
 *
 * Nothing is copied: a span points into the octets that were given. */
#ifndef TERN_APPS_HTTP_HEAD_H
#define TERN_APPS_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct http_span {
    const char *at;
    size_t bytes;
} http_span;

/* Octets of the head, its closing empty line included; 0 while it is not all there. */
size_t http_head_end(const char *octets, size_t bytes);

/* Takes the next line, without its CRLF (or bare LF: RFC 9112 2.2), off *rest. false: there is no
 * whole line. */
bool http_line_take(http_span *rest, http_span *line);

/* Splits "Name: value". false: it is no field (RFC 9112 5.1: no space before the colon, a token
 * for a name, no folding; RFC 9110 5.5: no control characters in the value). */
bool http_field_split(http_span line, http_span *name, http_span *value);

/* The same, upper and lower case being alike. */
bool http_span_is(http_span span, const char *text);

/* Does a comma-separated list have this member (RFC 9110 5.6.1)? */
bool http_list_has(http_span list, const char *member);

/* A decimal number and nothing else. false also when it is above 2^63 - 1. */
bool http_number(http_span span, uint64_t *number);

#endif
