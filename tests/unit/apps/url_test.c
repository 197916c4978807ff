/* url_test.c - http:// URLs: what is taken apart, and each way to be wrong. */
#include "apps/tern/url.h"
#include "tests/test.h"

static url parsed(const char *text)
{
    url u;

    CHECK_EQ(url_parse(text, &u), URL_OK);
    return u;
}

static url_error refused(const char *text)
{
    url u;

    return url_parse(text, &u);
}

TEST(host_port_and_path)
{
    url u = parsed("http://10.77.0.1:8080/a/b?c=d#e");

    CHECK_STR(u.host, "10.77.0.1");
    CHECK_EQ(u.port, 8080);
    CHECK_STR(u.target, "/a/b?c=d");
    CHECK(!u.bracketed);
}

TEST(defaults)
{
    url u = parsed("HTTP://example.org");

    CHECK_STR(u.host, "example.org");
    CHECK_EQ(u.port, 80);
    CHECK_STR(u.target, "/");
    CHECK_EQ(parsed("http://example.org:").port, 80);
    CHECK_STR(parsed("http://example.org?q").target, "/?q");
    CHECK_STR(parsed("http://example.org#f").target, "/");
}

TEST(ipv6_in_brackets)
{
    url u = parsed("http://[fd77::1]:81/x");

    CHECK_STR(u.host, "fd77::1");
    CHECK(u.bracketed);
    CHECK_EQ(u.port, 81);
    CHECK_EQ(refused("http://[fd77::1/x"), URL_BAD_HOST);
    CHECK_EQ(refused("http://[]/x"), URL_NO_HOST);
    CHECK_EQ(refused("http://[fd77::1]x/"), URL_BAD_HOST);
    CHECK_EQ(refused("http://fd77::1/x"), URL_BAD_PORT);
}

TEST(schemes)
{
    CHECK_EQ(refused("https://a/"), URL_SCHEME_UNKNOWN);
    CHECK_EQ(refused("ftp://a/"), URL_SCHEME_UNKNOWN);
    CHECK_EQ(refused("a/b"), URL_NO_SCHEME);
    CHECK_EQ(refused("10.77.0.1:80/"), URL_NO_SCHEME);
    CHECK_EQ(refused("http:/a"), URL_NO_SCHEME);
    CHECK_EQ(refused(""), URL_NO_SCHEME);
    CHECK_EQ(refused("://a"), URL_NO_SCHEME);
}

TEST(no_host)
{
    CHECK_EQ(refused("http://"), URL_NO_HOST);
    CHECK_EQ(refused("http:///a"), URL_NO_HOST);
    CHECK_EQ(refused("http://:80/"), URL_NO_HOST);
    CHECK_EQ(refused("http://?q"), URL_NO_HOST);
}

TEST(ports)
{
    CHECK_EQ(parsed("http://a:65535/").port, 65535);
    CHECK_EQ(refused("http://a:65536/"), URL_BAD_PORT);
    CHECK_EQ(refused("http://a:0/"), URL_BAD_PORT);
    CHECK_EQ(refused("http://a:8x/"), URL_BAD_PORT);
    CHECK_EQ(refused("http://a:-1/"), URL_BAD_PORT);
    CHECK_EQ(refused("http://a:99999999999999999999/"), URL_BAD_PORT);
}

TEST(characters)
{
    CHECK_EQ(refused("http://a/b c"), URL_BAD_CHARACTER);
    CHECK_EQ(refused("http://a/b\r\nX: y"), URL_BAD_CHARACTER);
    CHECK_EQ(refused("http://a/\xea\xb0\x80"), URL_BAD_CHARACTER);
    CHECK_EQ(refused("http://a b/"), URL_BAD_HOST);
    CHECK_EQ(refused("http://user:word@a/"), URL_USERINFO);
    CHECK_STR(parsed("http://a/@b").target, "/@b");
}

TEST(lengths)
{
    char text[8192];

    memset(text, 'a', sizeof text);
    memcpy(text, "http://", 7);
    text[7 + URL_HOST_BYTES - 1] = '\0';
    CHECK_EQ(strlen(parsed(text).host), URL_HOST_BYTES - 1);
    text[7 + URL_HOST_BYTES - 1] = 'a';
    text[7 + URL_HOST_BYTES] = '\0';
    CHECK_EQ(refused(text), URL_TOO_LONG);

    text[7 + URL_HOST_BYTES] = 'a';
    text[8] = '/';
    text[8 + URL_TARGET_BYTES - 1] = '\0';
    CHECK_EQ(strlen(parsed(text).target), URL_TARGET_BYTES - 1);
    text[8 + URL_TARGET_BYTES - 1] = 'a';
    text[8 + URL_TARGET_BYTES] = '\0';
    CHECK_EQ(refused(text), URL_TOO_LONG);
}

TEST(every_error_has_a_text)
{
    for (int e = URL_SCHEME_UNKNOWN; e <= URL_TOO_LONG; e++)
        CHECK(strlen(url_error_text((url_error)e)) > 10);
}
