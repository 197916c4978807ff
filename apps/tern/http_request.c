/* http_request.c - reads the request line, the few fields that a file server obeys, and the path.
 *
 * Strict where leniency is how requests are smuggled: space before a colon, folded lines, a second
 * Content-Length, both framings at once are 400 (RFC 9112 11.2). A request with a body is answered
 * and its connection closed, so that its body is never taken for a request. */
#include "apps/tern/http_request.h"

#include <string.h>

/* What the fields have said so far. */
typedef struct http_request_fields {
    unsigned hosts, lengths, encodings;
    uint64_t length;
    bool close, keep_alive, if_range;
} http_request_fields;

static int http_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The path of a target in origin form or absolute form (RFC 9112 3.2). */
static unsigned http_path_decode(http_span target, char path[HTTP_PATH_BYTES])
{
    size_t out = 0;

    if (target.bytes > 7 && http_span_is((http_span){target.at, 7}, "http://")) {
        const char *slash = memchr(target.at + 7, '/', target.bytes - 7);
        size_t skip = slash == NULL ? target.bytes : (size_t)(slash - target.at);
        target = slash == NULL ? (http_span){"/", 1} : (http_span){slash, target.bytes - skip};
    }
    if (target.bytes == 0 || target.at[0] != '/')
        return 400;
    for (size_t i = 0; i < target.bytes && target.at[i] != '?' && target.at[i] != '#'; i++) {
        int c = (unsigned char)target.at[i];
        if (c == '%') {
            int high = i + 2 < target.bytes ? http_hex(target.at[i + 1]) : -1;
            int low = i + 2 < target.bytes ? http_hex(target.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return 400;
            c = high * 16 + low;
            i += 2;
        }
        if (c == '\0')
            return 400;
        if (out >= HTTP_PATH_BYTES - 1)
            return 414;
        path[out++] = (char)c;
    }
    path[out] = '\0';
    return 0;
}

/* method SP target SP version */
static unsigned http_request_line(http_request *r, http_span line)
{
    const char *first = memchr(line.at, ' ', line.bytes);

    if (first == NULL)
        return 400;
    http_span method = {line.at, (size_t)(first - line.at)};
    http_span target = {first + 1, line.bytes - method.bytes - 1};
    const char *second = memchr(target.at, ' ', target.bytes);
    if (method.bytes == 0 || second == NULL)
        return 400;
    http_span version = {second + 1, (size_t)(line.at + line.bytes - second - 1)};
    target.bytes = (size_t)(second - target.at);

    if (version.bytes != 8 || memcmp(version.at, "HTTP/", 5) != 0 || version.at[6] != '.')
        return 400;
    if (version.at[5] != '1')
        return 505;
    r->keep_alive = version.at[7] != '0';
    r->method = HTTP_OTHER;
    if (method.bytes == 3 && memcmp(method.at, "GET", 3) == 0)
        r->method = HTTP_GET;
    else if (method.bytes == 4 && memcmp(method.at, "HEAD", 4) == 0)
        r->method = HTTP_HEAD;
    return http_path_decode(target, r->path);
}

/* "bytes=0-99", "bytes=100-", "bytes=-500". What is anything else is ignored, as RFC 9110 14.2
 * allows: the whole file is the answer. */
static http_range http_range_parse(http_span value)
{
    http_range range = {.last = UINT64_MAX}, none = {.present = false};

    if (value.bytes < 8 || !http_span_is((http_span){value.at, 6}, "bytes="))
        return none;
    http_span spec = {value.at + 6, value.bytes - 6};
    const char *dash = memchr(spec.at, '-', spec.bytes);
    if (dash == NULL)
        return none;
    http_span before = {spec.at, (size_t)(dash - spec.at)};
    http_span after = {dash + 1, spec.bytes - before.bytes - 1};

    range.present = true;
    range.suffix = before.bytes == 0;
    if (range.suffix)
        return http_number(after, &range.first) ? range : none;
    if (!http_number(before, &range.first))
        return none;
    if (after.bytes > 0 && (!http_number(after, &range.last) || range.last < range.first))
        return none;
    return range;
}

static unsigned http_request_field(http_request *r, http_request_fields *f, http_span line)
{
    http_span name, value;

    if (!http_field_split(line, &name, &value))
        return 400;
    if (http_span_is(name, "Host")) {
        f->hosts++;
    } else if (http_span_is(name, "Content-Length")) {
        f->lengths++;
        if (!http_number(value, &f->length))
            return 400;
    } else if (http_span_is(name, "Transfer-Encoding")) {
        f->encodings++;
    } else if (http_span_is(name, "Connection")) {
        f->close = f->close || http_list_has(value, "close");
        f->keep_alive = f->keep_alive || http_list_has(value, "keep-alive");
    } else if (http_span_is(name, "Range")) {
        r->range = http_range_parse(value);
    } else if (http_span_is(name, "If-Range")) {
        f->if_range = true;
    }
    return 0;
}

static unsigned http_request_read(http_request *r, http_span rest)
{
    http_request_fields f = {0};
    http_span line = {rest.at, 0};
    unsigned status = 0;
    bool whole = true;

    while (whole && line.bytes == 0)
        whole = http_line_take(&rest, &line);
    if (!whole)
        return 400;
    status = http_request_line(r, line);
    bool http_1_0 = !r->keep_alive;
    while (status == 0 && http_line_take(&rest, &line) && line.bytes > 0)
        status = http_request_field(r, &f, line);
    if (status != 0)
        return status;

    bool host_wrong = f.hosts > 1 || (f.hosts == 0 && !http_1_0); /* RFC 9112 3.2 */
    if (host_wrong || f.lengths > 1 || (f.lengths > 0 && f.encodings > 0))
        return 400;
    /* Without a validator to compare, a conditional range is for a file that may have changed. */
    if (f.if_range)
        r->range.present = false;
    r->body = f.encodings > 0 || f.length > 0;
    r->keep_alive = (http_1_0 ? f.keep_alive : true) && !f.close && !r->body;
    return 0;
}

void http_request_parse(http_request *r, const char *head, size_t bytes)
{
    memset(r, 0, sizeof *r);
    r->status = http_request_read(r, (http_span){head, bytes});
    if (r->status != 0)
        r->keep_alive = false;
}

bool http_range_resolve(const http_range *range, uint64_t size, uint64_t *first, uint64_t *count)
{
    if (range->suffix) {
        *count = range->first < size ? range->first : size;
        *first = size - *count;
        return *count > 0;
    }
    if (range->first >= size)
        return false;
    *first = range->first;
    *count = (range->last < size ? range->last + 1 : size) - range->first;
    return true;
}
