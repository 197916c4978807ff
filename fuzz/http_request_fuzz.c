/* http_request_fuzz.c - any octets as a request: the head ends inside, what is accepted has a path
 * that cannot be mistaken, and a range lies inside its file. */
#include "apps/tern/http_request.h"
#include "fuzz/property.h"

static void check_range(const http_range *range, uint64_t size)
{
    uint64_t first, count;

    if (!http_range_resolve(range, size, &first, &count))
        return;
    PROPERTY(count > 0 && first < size && count <= size - first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    size_t end = http_head_end((const char *)data, bytes);
    http_request r;

    PROPERTY(end <= bytes);
    if (end == 0)
        return 0;
    /* Nothing past the head may be read. */
    uint8_t *head = property_copy(data, end);
    PROPERTY(http_head_end((const char *)head, end) == end);
    http_request_parse(&r, (const char *)head, end);
    free(head);

    PROPERTY(memchr(r.path, '\0', sizeof r.path) != NULL);
    if (r.status != 0) {
        PROPERTY(r.status == 400 || r.status == 414 || r.status == 505);
        PROPERTY(!r.keep_alive);
        return 0;
    }
    PROPERTY(r.path[0] == '/');
    PROPERTY(!(r.body && r.keep_alive));
    if (r.range.present) {
        check_range(&r.range, 0);
        check_range(&r.range, 1);
        check_range(&r.range, 1000);
        check_range(&r.range, INT64_MAX);
    }
    return 0;
}
