/* http_response_test.c - heads of responses, and bodies cut into pieces in every way. */
#include "apps/tern/http_response.h"
#include "tests/test.h"

static bool parse(http_response *r, const char *head)
{
    return http_response_parse(r, head, strlen(head));
}

TEST(status_and_length)
{
    http_response r;

    CHECK(parse(&r, "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n"));
    CHECK_EQ(r.status, 200);
    CHECK_EQ(r.framing, HTTP_BODY_LENGTH);
    CHECK_EQ(r.length, 42);
    CHECK(parse(&r, "HTTP/1.0 404\r\n\r\n"));
    CHECK_EQ(r.status, 404);
    CHECK_EQ(r.framing, HTTP_BODY_UNTIL_CLOSE);
}

TEST(framing_in_the_order_of_rfc_9112)
{
    http_response r;

    CHECK(parse(&r, "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nTransfer-Encoding: Chunked\r\n\r\n"));
    CHECK_EQ(r.framing, HTTP_BODY_CHUNKED);
    CHECK(parse(&r, "HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\n"));
    CHECK_EQ(r.framing, HTTP_BODY_NONE);
    CHECK(parse(&r, "HTTP/1.1 304 No\r\nContent-Length: 4\r\n\r\n"));
    CHECK_EQ(r.framing, HTTP_BODY_NONE);
    CHECK(parse(&r, "HTTP/1.1 100 Continue\r\n\r\n"));
    CHECK_EQ(r.framing, HTTP_BODY_NONE);
}

TEST(what_is_no_response)
{
    http_response r;

    CHECK(!parse(&r, "SSH-2.0-OpenSSH_9\r\n\r\n"));
    CHECK(!parse(&r, "HTTP/2.0 200 OK\r\n\r\n"));
    CHECK(!parse(&r, "HTTP/1.1 20 OK\r\n\r\n"));
    CHECK(!parse(&r, "HTTP/1.1 2000 OK\r\n\r\n"));
    CHECK(!parse(&r, "HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\n"));
    CHECK(!parse(&r, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n"));
    CHECK(!parse(&r, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"));
    CHECK(!parse(&r, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"));
}

TEST(location)
{
    http_response r;

    CHECK(parse(&r, "HTTP/1.1 301 Moved\r\nLocation:  /x \r\n\r\n"));
    CHECK_EQ(r.location.bytes, 2);
    CHECK_MEM(r.location.at, "/x", 2);
}

/* Feeds a body in pieces of `step` octets; returns its octets, or -1 when it is refused. */
static long feed(http_body *b, const char *in, size_t bytes, size_t step, char *out)
{
    long total = 0;

    for (size_t at = 0; at < bytes && !b->done;) {
        http_span data;
        size_t piece = bytes - at < step ? bytes - at : step;
        ptrdiff_t used = http_body_take(b, (http_span){in + at, piece}, &data);
        if (used < 0)
            return -1;
        CHECK(used > 0 && (size_t)used <= piece);
        memcpy(out + total, data.at, data.bytes);
        total += (long)data.bytes;
        at += (size_t)used;
    }
    return total;
}

TEST(chunked_in_every_cut)
{
    static const char body[] = "5\r\nhello\r\n1;ext=\"x\"\r\n,\r\n00A\r\n 0123 45\r\n\r\n"
                               "0\r\nTrailer: x\r\n\r\nnext";
    http_response r = {.status = 200, .framing = HTTP_BODY_CHUNKED};

    for (size_t step = 1; step <= sizeof body; step++) {
        char out[64];
        http_body b;
        http_body_begin(&b, &r);
        CHECK_EQ(feed(&b, body, sizeof body - 1, step, out), 16);
        CHECK(b.done);
        CHECK_MEM(out, "hello, 0123 45\r\n", 16);
    }
}

TEST(chunked_and_wrong)
{
    static const char *const bodies[] = {"\r\n",       "x\r\n",  "5\r\nhelloX\r\n",
                                         "-1\r\n",     ";x\r\n", "1000000000000000\r\n",
                                         "5 5\r\n\x01"};
    http_response r = {.status = 200, .framing = HTTP_BODY_CHUNKED};

    for (size_t i = 0; i < 6; i++) {
        char out[64];
        http_body b;
        http_body_begin(&b, &r);
        CHECK(feed(&b, bodies[i], strlen(bodies[i]), 64, out) < 0);
        CHECK(!b.done);
    }
}

TEST(length_stops_where_it_says)
{
    http_response r = {.status = 200, .framing = HTTP_BODY_LENGTH, .length = 5};
    char out[16];
    http_body b;

    http_body_begin(&b, &r);
    CHECK_EQ(feed(&b, "hello world", 11, 3, out), 5);
    CHECK(b.done);

    http_body_begin(&b, &r);
    CHECK_EQ(feed(&b, "hell", 4, 3, out), 4);
    CHECK(!http_body_end(&b));
    CHECK_EQ(b.left, 1);
}

TEST(until_close_ends_with_the_connection)
{
    http_response r = {.status = 200, .framing = HTTP_BODY_UNTIL_CLOSE};
    char out[16];
    http_body b;

    http_body_begin(&b, &r);
    CHECK_EQ(feed(&b, "hello", 5, 2, out), 5);
    CHECK(!b.done);
    CHECK(http_body_end(&b));
}

TEST(an_empty_body_is_done_at_once)
{
    http_response r = {.status = 200, .framing = HTTP_BODY_LENGTH, .length = 0};
    http_body b;

    http_body_begin(&b, &r);
    CHECK(b.done);
}
