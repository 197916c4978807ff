/* http_request_test.c - requests as a file server reads them, and the answers that bad ones get. */
#include "apps/tern/http_request.h"
#include "tests/test.h"

static http_request parsed(const char *head)
{
    http_request r;

    CHECK_EQ(http_head_end(head, strlen(head)), strlen(head));
    http_request_parse(&r, head, strlen(head));
    return r;
}

TEST(head_ends_at_the_empty_line)
{
    CHECK_EQ(http_head_end("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest", 31), 27);
    CHECK_EQ(http_head_end("GET / HTTP/1.1\r\nHost: a\r\n\r", 26), 0);
    CHECK_EQ(http_head_end("GET / HTTP/1.1\n\n", 16), 16);
    CHECK_EQ(http_head_end("\r\n\r\nGET / HTTP/1.1\r\n\r\n", 22), 22);
    CHECK_EQ(http_head_end("\r\n\r\n", 4), 0);
    CHECK_EQ(http_head_end("", 0), 0);
}

TEST(plain_get)
{
    http_request r = parsed("GET /a/b.txt?q=1 HTTP/1.1\r\nHost: x\r\n\r\n");

    CHECK_EQ(r.status, 0);
    CHECK_EQ(r.method, HTTP_GET);
    CHECK(r.keep_alive && !r.body && !r.range.present);
    CHECK_STR(r.path, "/a/b.txt");
}

TEST(methods)
{
    CHECK_EQ(parsed("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").method, HTTP_HEAD);
    CHECK_EQ(parsed("POST / HTTP/1.1\r\nHost: x\r\n\r\n").method, HTTP_OTHER);
    CHECK_EQ(parsed("get / HTTP/1.1\r\nHost: x\r\n\r\n").method, HTTP_OTHER);
    CHECK_EQ(parsed(" / HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
}

TEST(versions)
{
    CHECK(!parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
    CHECK(parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    CHECK_EQ(parsed("GET / HTTP/1.0\r\n\r\n").status, 0);
    CHECK_EQ(parsed("GET / HTTP/2.0\r\nHost: x\r\n\r\n").status, 505);
    CHECK_EQ(parsed("GET / HTTP/1.1 \r\nHost: x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET / FTP/1.1\r\nHost: x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET /\r\nHost: x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET\r\nHost: x\r\n\r\n").status, 400);
}

TEST(connection_closes)
{
    CHECK(!parsed("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo , Close\r\n\r\n").keep_alive);
    CHECK(parsed("GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n").keep_alive);
}

TEST(one_host_is_needed)
{
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nAccept: */*\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n").status, 400);
}

TEST(smuggling_is_refused)
{
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost : x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n")
                 .status,
             400);
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n")
                 .status,
             400);
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1a\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET / HTTP/1.1\r\nHost: x\r\nX: a\x01z\r\n\r\n").status, 400);
}

TEST(a_body_closes_the_connection)
{
    http_request r = parsed("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");

    CHECK_EQ(r.status, 0);
    CHECK(r.body && !r.keep_alive);
    r = parsed("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(r.body && !r.keep_alive);
    CHECK(!parsed("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").body);
}

TEST(paths_are_decoded)
{
    CHECK_STR(parsed("GET /a%20b%2Fc HTTP/1.1\r\nHost: x\r\n\r\n").path, "/a b/c");
    CHECK_STR(parsed("GET /%eA%b0%80 HTTP/1.1\r\nHost: x\r\n\r\n").path, "/\xea\xb0\x80");
    CHECK_STR(parsed("GET http://h:1/p HTTP/1.1\r\nHost: x\r\n\r\n").path, "/p");
    CHECK_STR(parsed("GET http://host HTTP/1.1\r\nHost: x\r\n\r\n").path, "/");
    CHECK_EQ(parsed("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET /%2 HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET a HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
    CHECK_EQ(parsed("GET  HTTP/1.1\r\nHost: x\r\n\r\n").status, 400);
}

TEST(a_long_path_is_414)
{
    char head[HTTP_PATH_BYTES + 64] = "GET /";

    memset(head + 5, 'a', HTTP_PATH_BYTES);
    memcpy(head + 5 + HTTP_PATH_BYTES - 2, " HTTP/1.0\r\n\r\n", 14);
    CHECK_EQ(parsed(head).status, 0);
    memcpy(head + 5 + HTTP_PATH_BYTES - 2, "a HTTP/1.0\r\n\r\n", 15);
    CHECK_EQ(parsed(head).status, 414);
}

/* "Range: bytes=..." of a file of 1000 octets: first, count, or 416 (false). */
static bool ranged(const char *spec, uint64_t *first, uint64_t *count)
{
    char head[256];

    snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: x\r\nRange: %s\r\n\r\n", spec);
    http_request r = parsed(head);
    CHECK_EQ(r.status, 0);
    CHECK(r.range.present);
    return http_range_resolve(&r.range, 1000, first, count);
}

TEST(ranges)
{
    uint64_t first, count;

    CHECK(ranged("bytes=0-99", &first, &count));
    CHECK(first == 0 && count == 100);
    CHECK(ranged("bytes=900-", &first, &count));
    CHECK(first == 900 && count == 100);
    CHECK(ranged("bytes=-1", &first, &count));
    CHECK(first == 999 && count == 1);
    CHECK(ranged("bytes=-5000", &first, &count));
    CHECK(first == 0 && count == 1000);
    CHECK(ranged("bytes=999-4000", &first, &count));
    CHECK(first == 999 && count == 1);
    CHECK(!ranged("bytes=1000-", &first, &count));
    CHECK(!ranged("bytes=-0", &first, &count));
    CHECK(ranged("bytes=0-9223372036854775807", &first, &count));
    CHECK(first == 0 && count == 1000);
}

TEST(ranges_that_are_ignored)
{
    static const char *const specs[] = {"bytes=5-4",
                                        "bytes=0-1,3-4",
                                        "lines=0-1",
                                        "bytes=",
                                        "bytes=a-b",
                                        "bytes=-",
                                        "bytes=0-99999999999999999999"};
    char head[256];

    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: x\r\nRange: %s\r\n\r\n", specs[i]);
        CHECK(!parsed(head).range.present);
    }
    CHECK(!parsed("GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\nIf-Range: \"e\"\r\n\r\n")
               .range.present);
}

TEST(an_empty_file_has_no_range)
{
    http_range range = {.present = true, .last = UINT64_MAX};
    uint64_t first, count;

    CHECK(!http_range_resolve(&range, 0, &first, &count));
}
