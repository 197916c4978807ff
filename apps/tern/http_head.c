/* http_head.c - finds the end of a head, its lines and its fields. */
#include "apps/tern/http_head.h"

#include <string.h>
#include <strings.h>

size_t http_head_end(const char *octets, size_t bytes)
{
    http_span rest = {octets, bytes}, line;
    bool first = true;

    while (http_line_take(&rest, &line)) {
        /* Empty lines in front of a request line are passed over (RFC 9112 2.2). */
        if (line.bytes == 0 && !first)
            return bytes - rest.bytes;
        first = first && line.bytes == 0;
    }
    return 0;
}

bool http_line_take(http_span *rest, http_span *line)
{
    const char *lf = rest->bytes > 0 ? memchr(rest->at, '\n', rest->bytes) : NULL;

    if (lf == NULL)
        return false;
    line->at = rest->at;
    line->bytes = (size_t)(lf - rest->at);
    rest->at = lf + 1;
    rest->bytes -= line->bytes + 1;
    if (line->bytes > 0 && line->at[line->bytes - 1] == '\r')
        line->bytes--;
    return true;
}

/* RFC 9110 5.6.2 */
static bool http_is_token(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static http_span http_trim(http_span span)
{
    while (span.bytes > 0 && (span.at[0] == ' ' || span.at[0] == '\t')) {
        span.at++;
        span.bytes--;
    }
    while (span.bytes > 0 && (span.at[span.bytes - 1] == ' ' || span.at[span.bytes - 1] == '\t'))
        span.bytes--;
    return span;
}

bool http_field_split(http_span line, http_span *name, http_span *value)
{
    size_t colon = 0;

    while (colon < line.bytes && http_is_token(line.at[colon]))
        colon++;
    if (colon == 0 || colon == line.bytes || line.at[colon] != ':')
        return false;
    *name = (http_span){line.at, colon};
    *value = http_trim((http_span){line.at + colon + 1, line.bytes - colon - 1});
    for (size_t i = 0; i < value->bytes; i++) {
        unsigned char c = (unsigned char)value->at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

bool http_span_is(http_span span, const char *text)
{
    return strlen(text) == span.bytes && strncasecmp(span.at, text, span.bytes) == 0;
}

bool http_list_has(http_span list, const char *member)
{
    while (list.bytes > 0) {
        const char *comma = memchr(list.at, ',', list.bytes);
        size_t bytes = comma == NULL ? list.bytes : (size_t)(comma - list.at);
        if (http_span_is(http_trim((http_span){list.at, bytes}), member))
            return true;
        if (comma == NULL)
            return false;
        list.at += bytes + 1;
        list.bytes -= bytes + 1;
    }
    return false;
}

bool http_number(http_span span, uint64_t *number)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < span.bytes; i++) {
        uint64_t digit = (uint64_t)(unsigned char)span.at[i] - '0'; /* huge below '0' */
        if (digit > 9 || sum > (INT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *number = sum;
    return span.bytes > 0;
}
