/* calls_transfer.c - read, write and their forms. The octets of a script are zeroes. */
#define _GNU_SOURCE
#include "apps/drill/calls.h"
#include "apps/tern/i18n.h"

#include <string.h>

/* Room for the octets of a buffer argument; in a write, the text given. */
static bool transfer_buffer(const arguments *a, int64_t bytes, struct iovec *part)
{
    const pkt_expr *e = argument_at(a, 1);
    uint8_t *room;

    if (e == NULL || !argument_room(a, e, bytes, &room))
        return false;
    if (e->kind == PKT_WORD && strcmp(e->text, "NULL") == 0)
        room = NULL;
    *part = (struct iovec){room, (size_t)bytes};
    return true;
}

/* name(fd, buffer, bytes[, flags[, address, bytes]]). */
static bool transfer_plain(const arguments *a, struct msghdr *m, struct iovec *part, int64_t *flags)
{
    int64_t bytes;

    *flags = 0;
    if (!argument_number(a, 2, &bytes) || !transfer_buffer(a, bytes, part))
        return false;
    *m = (struct msghdr){.msg_iov = part, .msg_iovlen = 1};
    return a->call->argument_count < 4 || argument_number(a, 3, flags);
}

static bool transfer_receive(const arguments *a, int64_t *result)
{
    struct msghdr m;
    struct iovec part;
    int64_t flags;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !transfer_plain(a, &m, &part, &flags))
        return false;
    *result = tern_sockets_recvmsg(a->r->subject.table, fd, &m, (int)flags);
    return true;
}

/* A write to an address connects: by MSG_FASTOPEN, or as FreeBSD's sockets do, without a flag. */
static bool transfer_connects(const runner *r, int64_t flags)
{
    return (flags & MSG_FASTOPEN) != 0 || r->options.config.fast_open_api == TERN_FAST_OPEN_SENDTO;
}

static bool transfer_send(const arguments *a, int64_t *result)
{
    struct sockaddr_storage address;
    struct msghdr m;
    struct iovec part;
    int64_t flags;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !transfer_plain(a, &m, &part, &flags))
        return false;
    const pkt_expr *to = a->call->argument_count > 4 ? argument_at(a, 4) : NULL;
    if (to != NULL && !(to->kind == PKT_INTEGER && to->integer == 0)) {
        if (!argument_address(a, 4, &a->r->remote, &address, &m.msg_namelen))
            return false;
        m.msg_name = &address;
        if (transfer_connects(a->r, flags))
            runner_connects(a->r, fd);
    }
    *result = tern_sockets_sendmsg(a->r->subject.table, fd, &m, (int)flags);
    return true;
}

/* name(fd, [{..., 10}, ...], count). */
static bool transfer_vector(const arguments *a, int64_t *result)
{
    struct iovec parts[ARGUMENT_PARTS_MAX];
    const pkt_expr *list = argument_at(a, 1);
    size_t count;
    int fd;

    if (list == NULL || !argument_descriptor(a, 0, &fd) || !argument_parts(a, list, parts, &count))
        return false;
    tern_sockets *table = a->r->subject.table;
    *result = strcmp(a->call->name, "readv") == 0
                  ? tern_sockets_readv(table, fd, parts, (int)count)
                  : tern_sockets_writev(table, fd, parts, (int)count);
    return true;
}

/* The fields of a msghdr that a script may compare after recvmsg(). */
static void transfer_compare_message(const arguments *a, const pkt_expr *e, const struct msghdr *m)
{
    const pkt_expr *flags = pkt_field(e, "msg_flags");
    int64_t wanted;

    if (flags == NULL || flags->kind == PKT_ELLIPSIS || !argument_value(a, flags, &wanted))
        return;
    if (wanted != m->msg_flags)
        runner_verdict(a->r, DRILL_FAIL, flags->place,
                       N_("msg_flags 0x%llx expected, but 0x%x came"), (unsigned long long)wanted,
                       (unsigned)m->msg_flags);
}

/* The one control message that tern's sockets have: TCP_CM_INQ. */
static void transfer_compare_control(const arguments *a, const pkt_expr *list, struct msghdr *m)
{
    const struct cmsghdr *c = CMSG_FIRSTHDR(m);
    int64_t level = 0, type = 0, data = 0;
    int got = 0;

    for (const pkt_expr *e = list->first; e != NULL && !a->r->over; e = e->next) {
        const pkt_expr *of[3] = {pkt_field(e, "cmsg_level"), pkt_field(e, "cmsg_type"),
                                 pkt_field(e, "cmsg_data")};
        if (of[0] == NULL || of[1] == NULL || of[2] == NULL || of[2]->kind != PKT_INTEGER) {
            runner_verdict(a->r, DRILL_UNSUPPORTED, e->place, N_("such a control message"));
            return;
        }
        if (!argument_value(a, of[0], &level) || !argument_value(a, of[1], &type) ||
            !argument_value(a, of[2], &data))
            return;
        if (c != NULL && c->cmsg_len >= CMSG_LEN(sizeof got))
            memcpy(&got, CMSG_DATA(c), sizeof got);
        if (c == NULL || c->cmsg_level != level || c->cmsg_type != type || got != data) {
            runner_verdict(a->r, DRILL_FAIL, e->place,
                           N_("the control message %lld expected, but %d came"), (long long)data,
                           c != NULL ? got : -1);
            return;
        }
        c = NULL; /* there is no second */
    }
}

static bool transfer_message(const arguments *a, int64_t *result)
{
    struct iovec parts[ARGUMENT_PARTS_MAX];
    const pkt_expr *e = argument_at(a, 1);
    struct sockaddr_storage address;
    union {
        struct cmsghdr head;
        char octets[256];
    } room = {.octets = ""};
    struct msghdr m = {.msg_iov = parts};
    int64_t flags;
    int fd;

    if (e == NULL || !argument_descriptor(a, 0, &fd) || !argument_number(a, 2, &flags))
        return false;
    const pkt_expr *list = pkt_field(e, "msg_iov"), *control = pkt_field(e, "msg_control");
    const pkt_expr *name = pkt_field(e, "msg_name");
    bool receives = strcmp(a->call->name, "recvmsg") == 0;
    bool controls = control != NULL && control->kind == PKT_ARRAY && control->first != NULL;
    if (controls && !receives) {
        runner_verdict(a->r, DRILL_UNSUPPORTED, control->place, N_("control messages"));
        return false;
    }
    if (list == NULL || !argument_parts(a, list, parts, &m.msg_iovlen)) {
        runner_verdict(a->r, DRILL_UNSUPPORTED, e->place, N_("a message without parts"));
        return false;
    }
    tern_sockets *table = a->r->subject.table;
    if (receives) {
        m.msg_control = controls ? &room : NULL;
        m.msg_controllen = controls ? sizeof room : 0;
        *result = tern_sockets_recvmsg(table, fd, &m, (int)flags);
        if (*result >= 0)
            transfer_compare_message(a, e, &m);
        if (*result >= 0 && controls)
            transfer_compare_control(a, control, &m);
        return true;
    }
    if (name != NULL && transfer_connects(a->r, flags)) {
        m.msg_namelen = argument_sockaddr(a->r, &a->r->remote, &address);
        m.msg_name = &address;
        runner_connects(a->r, fd);
    }
    *result = tern_sockets_sendmsg(table, fd, &m, (int)flags);
    return true;
}

const calls_entry calls_of_transfer[] = {
    {"read", transfer_receive, false},
    {"recv", transfer_receive, false},
    {"recvfrom", transfer_receive, false},
    {"readv", transfer_vector, false},
    {"recvmsg", transfer_message, false},
    {"write", transfer_send, false},
    {"send", transfer_send, false},
    {"sendto", transfer_send, false},
    {"writev", transfer_vector, false},
    {"sendmsg", transfer_message, false},
    {NULL, NULL, false},
};
