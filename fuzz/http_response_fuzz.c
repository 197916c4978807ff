/* http_response_fuzz.c - any octets as a response: the body's pieces lie inside what was given, and
 * however it is cut, it is the same body. */
#include "apps/tern/http_response.h"
#include "fuzz/property.h"

typedef struct result {
    uint64_t octets, digest;
    bool bad, done;
} result;

static result run(const http_response *r, const char *in, size_t bytes, size_t step)
{
    result sum = {.digest = 1};
    http_body b;

    http_body_begin(&b, r);
    for (size_t at = 0; at < bytes && !b.done && !sum.bad;) {
        size_t piece = bytes - at < step ? bytes - at : step;
        http_span data;
        ptrdiff_t used = http_body_take(&b, (http_span){in + at, piece}, &data);
        sum.bad = used < 0;
        if (sum.bad)
            break;
        PROPERTY(used > 0 && (size_t)used <= piece);
        PROPERTY(data.bytes == 0 ||
                 (data.at >= in + at && data.at + data.bytes <= in + at + piece));
        for (size_t i = 0; i < data.bytes; i++)
            sum.digest = sum.digest * 31 + (unsigned char)data.at[i];
        sum.octets += data.bytes;
        at += (size_t)used;
    }
    sum.done = b.done;
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *octets = (const char *)data;
    size_t end = http_head_end(octets, bytes);
    http_response r;

    if (end == 0 || !http_response_parse(&r, octets, end))
        return 0;
    PROPERTY(r.status >= 100 && r.status <= 999);
    result whole = run(&r, octets + end, bytes - end, SIZE_MAX);
    for (size_t step = 1; step < 8; step++) {
        result cut = run(&r, octets + end, bytes - end, step);
        PROPERTY(cut.octets == whole.octets && cut.digest == whole.digest);
        PROPERTY(cut.bad == whole.bad && cut.done == whole.done);
    }
    return 0;
}
