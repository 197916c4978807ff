/* http_response.c - reads the head of a response and finds the octets of its body. */
#include "apps/tern/http_response.h"

#include <string.h>

enum {
    HTTP_CHUNK_DIGITS_MAX = 15, /* of a chunk's size: below 2^60 */
    HTTP_CHUNK_LINE_MAX = 8192, /* an extension or a trailer line longer than this is an attack */
};

/* version SP status SP reason */
static bool http_status_line(http_response *r, http_span line)
{
    uint64_t status;

    if (line.bytes < 12 || memcmp(line.at, "HTTP/1.", 7) != 0 || line.at[8] != ' ')
        return false;
    if (!http_number((http_span){line.at + 9, 3}, &status) || status < 100)
        return false;
    r->status = (unsigned)status;
    return line.bytes == 12 || line.at[12] == ' ';
}

bool http_response_parse(http_response *r, const char *head, size_t bytes)
{
    http_span rest = {head, bytes}, line = {head, 0}, name, value;
    bool chunked = false, coded = false, has_length = false;

    memset(r, 0, sizeof *r);
    while (line.bytes == 0)
        if (!http_line_take(&rest, &line))
            return false;
    if (!http_status_line(r, line))
        return false;
    while (http_line_take(&rest, &line) && line.bytes > 0) {
        if (!http_field_split(line, &name, &value))
            return false;
        if (http_span_is(name, "Content-Length")) {
            uint64_t before = r->length;
            if (!http_number(value, &r->length) || (has_length && r->length != before))
                return false;
            has_length = true;
        } else if (http_span_is(name, "Transfer-Encoding")) {
            chunked = http_span_is(value, "chunked");
            coded = true;
        } else if (http_span_is(name, "Location")) {
            r->location = value;
        }
    }
    if (coded && !chunked)
        return false;
    r->framing = HTTP_BODY_UNTIL_CLOSE;
    if (r->status < 200 || r->status == 204 || r->status == 304)
        r->framing = HTTP_BODY_NONE;
    else if (chunked) /* outweighs a Content-Length (RFC 9112 6.3) */
        r->framing = HTTP_BODY_CHUNKED;
    else if (has_length)
        r->framing = HTTP_BODY_LENGTH;
    return true;
}

void http_body_begin(http_body *b, const http_response *r)
{
    memset(b, 0, sizeof *b);
    b->framing = r->framing;
    b->left = r->length;
    b->done = r->framing == HTTP_BODY_NONE || (r->framing == HTTP_BODY_LENGTH && b->left == 0);
}

/* One octet of a chunk's first line. */
static bool http_chunk_size_octet(http_body *b, char c)
{
    const char *hex = "0123456789abcdef";
    const char *digit = c == '\0' ? NULL : strchr(hex, c >= 'A' && c <= 'F' ? c + 32 : c);

    if (b->part == HTTP_CHUNK_SIZE && digit != NULL) {
        b->left = b->left * 16 + (uint64_t)(digit - hex);
        return ++b->digits <= HTTP_CHUNK_DIGITS_MAX;
    }
    if (b->digits == 0)
        return false;
    if (c == '\n') {
        b->part = b->left > 0 ? HTTP_CHUNK_DATA : HTTP_CHUNK_TRAILER;
        b->digits = 0;
        b->line_octets = 0;
        return true;
    }
    if (b->part == HTTP_CHUNK_SIZE && c != ';' && c != '\r' && c != ' ' && c != '\t')
        return false;
    b->part = HTTP_CHUNK_SKIP;
    return ++b->line_octets <= HTTP_CHUNK_LINE_MAX;
}

/* One octet of what is not data. false: it cannot stand there. */
static bool http_chunk_octet(http_body *b, char c)
{
    switch (b->part) {
    case HTTP_CHUNK_SIZE:
    case HTTP_CHUNK_SKIP:
        return http_chunk_size_octet(b, c);
    case HTTP_CHUNK_DATA_END:
        if (c == '\n')
            b->part = HTTP_CHUNK_SIZE;
        return c == '\n' || c == '\r';
    case HTTP_CHUNK_TRAILER:
        if (c == '\n') {
            b->done = b->line_octets == 0;
            b->line_octets = 0;
        } else if (c != '\r') {
            b->line_octets++;
        }
        return b->line_octets <= HTTP_CHUNK_LINE_MAX;
    case HTTP_CHUNK_DATA:
        break;
    }
    return false;
}

ptrdiff_t http_body_take(http_body *b, http_span in, http_span *data)
{
    size_t used = 0;

    *data = (http_span){in.at, 0};
    if (b->done)
        return 0;
    if (b->framing == HTTP_BODY_CHUNKED) {
        while (used < in.bytes && b->part != HTTP_CHUNK_DATA && !b->done)
            if (!http_chunk_octet(b, in.at[used++]))
                return -1;
        if (b->part != HTTP_CHUNK_DATA || b->done)
            return (ptrdiff_t)used;
    }
    data->at = in.at + used;
    data->bytes = in.bytes - used;
    if (b->framing != HTTP_BODY_UNTIL_CLOSE) {
        data->bytes = data->bytes < b->left ? data->bytes : (size_t)b->left;
        b->left -= data->bytes;
        if (b->left == 0 && b->framing == HTTP_BODY_LENGTH)
            b->done = true;
        else if (b->left == 0)
            b->part = HTTP_CHUNK_DATA_END;
    }
    return (ptrdiff_t)(used + data->bytes);
}

bool http_body_end(http_body *b)
{
    if (b->framing == HTTP_BODY_UNTIL_CLOSE)
        b->done = true;
    return b->done;
}
