/* shapes.c - a table of the structures that both dialects know, with their fields.
 *
 * The first field names the structure; one that no table knows is PKT_SHAPE_OTHER (all of SCTP's
 * are), and the runner says so when it meets it. */
#include "apps/pkt/shapes.h"

#include "apps/tern/i18n.h"

#include <arpa/inet.h>
#include <string.h>

enum { SHAPE_FIELDS_MAX = 6 };

typedef struct shape {
    const char *name;
    pkt_shape shape;
    const char *fields[SHAPE_FIELDS_MAX];
    unsigned required; /* the first so many */
} shape;

static const shape shapes[] = {
    {"iovec", PKT_SHAPE_IOVEC, {"iov_base", "iov_len"}, 2},
    {"sockaddr", PKT_SHAPE_SOCKADDR, {"sa_family", "sin_port", "sin_addr"}, 3},
    {"msghdr", PKT_SHAPE_MSGHDR, {"msg_name", "msg_iov", "msg_flags", "msg_control"}, 3},
    {"cmsghdr", PKT_SHAPE_CMSGHDR, {"cmsg_level", "cmsg_type", "cmsg_data", "cmsg_len"}, 3},
    {"pollfd", PKT_SHAPE_POLLFD, {"fd", "events", "revents"}, 2},
    {"epoll_event", PKT_SHAPE_EPOLL_EVENT, {"events", "fd", "ptr", "u32", "u64"}, 1},
    {"linger", PKT_SHAPE_LINGER, {"onoff", "linger"}, 2},
    {"scm_timestamping", PKT_SHAPE_TIMESTAMPING, {"scm_sec", "scm_nsec"}, 2},
    {"sock_extended_err",
     PKT_SHAPE_EXTENDED_ERR,
     {"ee_errno", "ee_origin", "ee_type", "ee_code", "ee_info", "ee_data"},
     6},
    {"accept_filter_arg", PKT_SHAPE_ACCEPT_FILTER, {"af_name", "af_arg"}, 1},
    {"tcp_function_set", PKT_SHAPE_FUNCTION_SET, {"function_set_name", "pcbcnt"}, 2},
    {"tcp_fastopen", PKT_SHAPE_FASTOPEN, {"enable", "psk"}, 2},
    {"tcp_rst_reason", PKT_SHAPE_RST_REASON, {"trr_flags", "trr_code", "trr_pen"}, 3},
    {"sf_hdtr", PKT_SHAPE_SF_HDTR, {"headers", "trailers"}, 2},
};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* The shape whose field this is as the first: a cmsghdr of Münster begins with its length. */
static const shape *shapes_begun_by(const char *field)
{
    for (size_t i = 0; i < SHAPES; i++)
        if (strcmp(shapes[i].fields[0], field) == 0)
            return &shapes[i];
    return strcmp(field, "cmsg_len") == 0 ? &shapes[3] : NULL;
}

static int shapes_field_index(const shape *s, const char *field)
{
    for (int i = 0; i < SHAPE_FIELDS_MAX && s->fields[i] != NULL; i++)
        if (strcmp(s->fields[i], field) == 0)
            return i;
    return -1;
}

static const char *shapes_check(const shape *s, const pkt_expr *structure, const pkt_expr **wrong)
{
    unsigned seen = 0;

    for (const pkt_expr *e = structure->first; e != NULL; e = e->next) {
        int field = e->kind == PKT_FIELD ? shapes_field_index(s, e->text) : -1;
        *wrong = e;
        if (e->kind != PKT_FIELD)
            return N_("the fields of this structure have names");
        if (field < 0)
            return N_("this structure has no such field");
        if ((seen >> field & 1) != 0)
            return N_("this field is given twice");
        seen |= 1U << field;
    }
    *wrong = structure;
    if ((seen & ((1U << s->required) - 1)) != (1U << s->required) - 1)
        return N_("a field of this structure is missing");
    /* An epoll_event has one of the members of its union. */
    if (s->shape == PKT_SHAPE_EPOLL_EVENT && structure->children != 2)
        return N_("an epoll_event has events and one of fd, ptr, u32 and u64");
    return NULL;
}

bool pkt_address_valid(bool ipv6, const char *text)
{
    unsigned char octets[16];

    return inet_pton(ipv6 ? AF_INET6 : AF_INET, text, octets) == 1;
}

/* {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("192.0.2.1")}. */
static const char *shapes_sockaddr(const pkt_expr *structure, const pkt_expr **wrong)
{
    const pkt_expr *family = pkt_field(structure, "sa_family");
    const pkt_expr *address = pkt_field(structure, "sin_addr");
    bool ipv6 = family->kind == PKT_WORD && strcmp(family->text, "AF_INET6") == 0;

    *wrong = family;
    if (!ipv6 && (family->kind != PKT_WORD || strcmp(family->text, "AF_INET") != 0))
        return N_("an address family is AF_INET or AF_INET6");
    *wrong = address;
    if (address->kind != PKT_FUNCTION || strcmp(address->text, "inet_addr") != 0 ||
        address->children != 1 || address->first->kind != PKT_STRING)
        return N_("an address is inet_addr(\"ADDRESS\")");
    return pkt_address_valid(ipv6, address->first->text) ? NULL : N_("this is no address");
}

const char *shapes_recognize(pkt_expr *structure, const pkt_expr **wrong)
{
    const pkt_expr *first = structure->first;

    structure->shape = PKT_SHAPE_LIST;
    if (first == NULL)
        return NULL;
    if (first->kind != PKT_FIELD) {
        bool pair = structure->children == 2 && first->next->kind == PKT_INTEGER;
        if (pair && (first->kind == PKT_ELLIPSIS || first->kind == PKT_STRUCT))
            structure->shape = PKT_SHAPE_IOVEC;
        return NULL;
    }
    const shape *s = shapes_begun_by(first->text);
    structure->shape = s != NULL ? s->shape : PKT_SHAPE_OTHER;
    const char *why = s != NULL ? shapes_check(s, structure, wrong) : NULL;
    if (why == NULL && structure->shape == PKT_SHAPE_SOCKADDR)
        why = shapes_sockaddr(structure, wrong);
    return why;
}

const char *pkt_shape_name(pkt_shape named)
{
    for (size_t i = 0; i < SHAPES; i++)
        if (shapes[i].shape == named)
            return shapes[i].name;
    return named == PKT_SHAPE_LIST ? "list" : "?";
}

pkt_expr *pkt_field(const pkt_expr *structure, const char *name)
{
    for (pkt_expr *e = structure->first; e != NULL; e = e->next)
        if (e->kind == PKT_FIELD && strcmp(e->text, name) == 0)
            return e->value;
    return NULL;
}
