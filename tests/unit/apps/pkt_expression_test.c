/* pkt_expression_test.c - system calls: arguments, structures, results, notes. */
#include "apps/pkt/shapes.h"
#include "tests/test.h"
#include "tests/unit/apps/pkt_fixture.h"

/* The first argument of f(). */
static const pkt_expr *argument(const char *text)
{
    char line[512];

    snprintf(line, sizeof line, "0 f(%s) = 0", text);
    return pkt_first(line)->call->arguments;
}

static const char *refused(const char *text)
{
    char line[512];

    snprintf(line, sizeof line, "0 f(%s) = 0", text);
    return pkt_refused(line);
}

TEST(values)
{
    CHECK_EQ(argument("-5")->integer, -5);
    CHECK_EQ(argument("0xff")->integer, 255);
    CHECK_EQ(argument("...")->kind, PKT_ELLIPSIS);
    CHECK_STR(argument("AF_INET")->text, "AF_INET");
    CHECK_STR(argument("\"a\\\"b\"")->text, "a\\\"b");
    CHECK(argument("\"a\"...")->open);
    CHECK_EQ(argument("\"a\" \"b\" \"c\"")->children, 3);
    CHECK_STR(refused("9999999999999999999"), "1:5: this number is too large");
    CHECK_STR(refused("0x11111111111111111"), "1:5: this number is too large");
}

TEST(arguments_are_a_list)
{
    const pkt_call *call = pkt_first("0 socket(..., SOCK_STREAM, 0) = 3")->call;

    CHECK_STR(call->name, "socket");
    CHECK_EQ(call->argument_count, 3);
    CHECK_STR(call->arguments->next->text, "SOCK_STREAM");
    CHECK_EQ(call->result->integer, 3);
    CHECK_EQ(pkt_first("0 fork() = 0")->call->argument_count, 0);
    CHECK_STR(refused("1,"), "1:7: expected a value: a number, a symbol, a \"string\", [a list], "
                             "{a structure} or ..., found ')'");
}

TEST(or_binds_before_lists_and_fields)
{
    const pkt_expr *e = argument("[O_RDWR|O_NONBLOCK|4, 1]");

    CHECK_EQ(e->children, 2);
    CHECK_EQ(e->first->kind, PKT_OR);
    CHECK_EQ(e->first->children, 3);
    e = argument("{fd=3, events=POLLIN|POLLOUT}");
    CHECK_EQ(e->shape, PKT_SHAPE_POLLFD);
    CHECK_EQ(pkt_field(e, "events")->kind, PKT_OR);
    CHECK_EQ(pkt_field(e, "fd")->integer, 3);
    CHECK(pkt_field(e, "revents") == NULL);
}

TEST(structures_are_known_by_their_fields)
{
    const pkt_expr *e = argument("{sa_family = AF_INET, sin_port = htons(8080), "
                                 "sin_addr = inet_addr(\"192.0.2.1\")}");

    CHECK_EQ(e->shape, PKT_SHAPE_SOCKADDR);
    CHECK_EQ(pkt_field(e, "sin_port")->kind, PKT_FUNCTION);
    CHECK_STR(pkt_field(e, "sin_port")->text, "htons");
    CHECK_EQ(pkt_field(e, "sin_port")->first->integer, 8080);
    CHECK_EQ(argument("{onoff=1, linger=...}")->shape, PKT_SHAPE_LINGER);
    CHECK_EQ(argument("{events=EPOLLIN, u64=1}")->shape, PKT_SHAPE_EPOLL_EVENT);
    CHECK_EQ(argument("{..., 1000}")->shape, PKT_SHAPE_IOVEC);
    CHECK_EQ(argument("{iov_base=..., iov_len=1}")->shape, PKT_SHAPE_IOVEC);
    CHECK_EQ(argument("{1, 2, 3}")->shape, PKT_SHAPE_LIST);
    CHECK_EQ(argument("{sinit_max_attempts=1}")->shape, PKT_SHAPE_OTHER);
    CHECK_STR(pkt_shape_name(PKT_SHAPE_MSGHDR), "msghdr");
}

TEST(a_message_has_lists_with_lengths)
{
    const pkt_expr *e = argument("{msg_name(...)=..., msg_iov(2)=[{..., 5}, {..., 6}], "
                                 "msg_control(28)=[{cmsg_len=28, cmsg_level=SOL_IP, "
                                 "cmsg_type=IP_TTL, cmsg_data=...}], msg_flags=0}");

    CHECK_EQ(e->shape, PKT_SHAPE_MSGHDR);
    CHECK_EQ(pkt_field(e, "msg_iov")->children, 2);
    CHECK_EQ(e->first->next->first->integer, 2);
    CHECK_EQ(pkt_field(e, "msg_control")->first->shape, PKT_SHAPE_CMSGHDR);
}

TEST(fields_are_checked)
{
    CHECK_STR(refused("{fd=3, event=POLLIN}"), "1:12: this structure has no such field");
    CHECK_STR(refused("{fd=3, fd=3}"), "1:12: this field is given twice");
    CHECK_STR(refused("{onoff=1}"), "1:5: a field of this structure is missing");
    CHECK_STR(refused("{onoff=1, 5}"), "1:15: the fields of this structure have names");
    CHECK_STR(refused("{events=1, fd=1, u32=1}"),
              "1:5: an epoll_event has events and one of fd, ptr, u32 and u64");
    CHECK_STR(refused("{msg_iov(1, 2)=3}"), "1:6: a field has one length in its parentheses");
}

static const char *address_refused(const char *family, const char *address)
{
    char text[256];

    snprintf(text, sizeof text, "{sa_family=%s, sin_port=htons(1), sin_addr=%s}", family, address);
    return refused(text);
}

TEST(addresses_are_checked)
{
    CHECK_STR(address_refused("AF_INET", "inet_addr(\"192.0.2.256\")"), "1:53: this is no address");
    CHECK_STR(address_refused("AF_INET6", "inet_addr(\"192.0.2.1\")"), "1:54: this is no address");
    CHECK_STR(address_refused("AF_INET", "5"), "1:53: an address is inet_addr(\"ADDRESS\")");
    CHECK_STR(address_refused("AF_UNIX", "5"), "1:16: an address family is AF_INET or AF_INET6");
}

TEST(nesting_has_a_limit)
{
    char text[256] = "";

    for (int i = 0; i < PKT_DEPTH_MAX; i++)
        strcat(text, "[");
    strcat(text, "1");
    for (int i = 0; i < PKT_DEPTH_MAX; i++)
        strcat(text, "]");
    CHECK_EQ(argument(text)->children, 1);
    memmove(text + 1, text, strlen(text) + 1);
    CHECK_STR(refused(text), "1:29: this is nested deeper than 24 levels");
}

TEST(a_result_may_have_an_error_and_a_note)
{
    const pkt_call *call =
        pkt_first("0 read(3, ..., 5) = -1 EAGAIN (Resource temporarily unavailable)")->call;

    CHECK_EQ(call->result->integer, -1);
    CHECK_STR(call->error, "EAGAIN");
    CHECK_STR(call->reason, "Resource temporarily unavailable");
    call = pkt_first("0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR|O_NONBLOCK)")->call;
    CHECK(call->error == NULL);
    CHECK_STR(call->note, "flags O_RDWR|O_NONBLOCK");
    CHECK_STR(pkt_refused("0 f() = -1 EAGAIN\n+0 f() = 1"), "2:1: expected (, found '+'");
    CHECK_STR(pkt_refused("0 f() = -1 EAGAIN ()"),
              "1:20: expected the words of a note, and ')', found ')'");
    CHECK_STR(pkt_refused("0 f()"), "1:6: expected =, found the end");
    CHECK_STR(pkt_refused("0...1 5"), "1:7: expected the name of a system call, found '5'");
}

TEST(brackets_must_match)
{
    CHECK_STR(refused("[1, 2"), "1:10: expected ], found ')'");
    CHECK_STR(refused("{1)"), "1:7: expected }, found ')'");
    CHECK_STR(refused("inet_addr(\"1\"}"), "1:18: expected ), found '}'");
}

TEST(escapes_are_those_of_c)
{
    char out[16];

    CHECK_EQ(pkt_unescape("a\\n\\t\\\\\\\"\\x41\\101\\0z", out, sizeof out), 9);
    CHECK_MEM(out, "a\n\t\\\"AA\0z", 9);
    CHECK_EQ(pkt_unescape("\\x", out, sizeof out), 1);
    CHECK_EQ(out[0], 'x');
    CHECK_EQ(pkt_unescape("abc", out, 2), 3);
    CHECK_EQ(pkt_unescape("a\\", out, sizeof out), 2);
}
