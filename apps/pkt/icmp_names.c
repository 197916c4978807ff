/* icmp_names.c - RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1; RFC 4443. A name may be in both. */
#include "apps/pkt/icmp_names.h"

#include <stddef.h>
#include <string.h>

typedef struct icmp_name {
    const char *name;
    uint8_t type;
    bool ipv6;
    struct {
        const char *name;
        uint8_t code;
    } codes[17]; /* the last has no name */
} icmp_name;

static const icmp_name icmp_names[] = {
    {"echo_reply", 0, false, {{NULL, 0}}},
    {"unreachable",
     3,
     false,
     {{"net_unreachable", 0},
      {"host_unreachable", 1},
      {"protocol_unreachable", 2},
      {"port_unreachable", 3},
      {"frag_needed", 4},
      {"source_route_failed", 5},
      {"net_unknown", 6},
      {"host_unknown", 7},
      {"source_host_isolated", 8},
      {"net_prohibited", 9},
      {"host_prohibited", 10},
      {"net_unreachable_for_tos", 11},
      {"host_unreachable_for_tos", 12},
      {"packet_filtered", 13},
      {"precedence_violation", 14},
      {"precedence_cutoff", 15},
      {NULL, 0}}},
    {"source_quench", 4, false, {{NULL, 0}}},
    {"redirect", 5, false, {{NULL, 0}}},
    {"echo_request", 8, false, {{NULL, 0}}},
    {"time_exceeded",
     11,
     false,
     {{"ttl_exceeded_in_transit", 0}, {"frag_reass_exceeded", 1}, {NULL, 0}}},
    {"parameter_problem", 12, false, {{NULL, 0}}},
    {"timestamp_request", 13, false, {{NULL, 0}}},
    {"timestamp_reply", 14, false, {{NULL, 0}}},
    {"information_request", 15, false, {{NULL, 0}}},
    {"information_reply", 16, false, {{NULL, 0}}},
    {"address_mask_request", 17, false, {{NULL, 0}}},
    {"address_mask_reply", 18, false, {{NULL, 0}}},
    {"unreachable",
     1,
     true,
     {{"no_route", 0},
      {"net_unreachable", 0}, /* as Google's scripts for both versions write it */
      {"admin_prohibited", 1},
      {"not_neighbour", 2},
      {"address_unreachable", 3},
      {"port_unreachable", 4},
      {NULL, 0}}},
    {"packet_too_big", 2, true, {{NULL, 0}}},
    {"time_exceeded", 3, true, {{"exceeded_hop_limit", 0}, {"exceeded_frag_time", 1}, {NULL, 0}}},
    {"parameter_problem",
     4,
     true,
     {{"header_field", 0}, {"unknown_next_header", 1}, {"unknown_option", 2}, {NULL, 0}}},
    {"echo_request", 128, true, {{NULL, 0}}},
    {"echo_reply", 129, true, {{NULL, 0}}},
    {"router_advertisement", 134, true, {{NULL, 0}}},
};

/* "type_3", "code_13": any number from 0 to 255. */
static bool icmp_numbered(const char *name, const char *prefix, uint8_t *number)
{
    unsigned sum = 0;
    size_t digits = 0;

    if (strncmp(name, prefix, strlen(prefix)) != 0)
        return false;
    name += strlen(prefix);
    while (digits < 3 && name[digits] >= '0' && name[digits] <= '9')
        sum = sum * 10 + (unsigned)(name[digits++] - '0');
    *number = (uint8_t)sum;
    return digits > 0 && name[digits] == '\0' && sum <= UINT8_MAX;
}

bool pkt_icmp_number(bool ipv6, const char *type, const char *code, uint8_t number[2])
{
    number[1] = 0;
    if (icmp_numbered(type, "type_", &number[0]))
        return code == NULL || icmp_numbered(code, "code_", &number[1]);
    for (size_t i = 0; i < sizeof icmp_names / sizeof icmp_names[0]; i++) {
        const icmp_name *n = &icmp_names[i];
        if (n->ipv6 != ipv6 || strcmp(n->name, type) != 0)
            continue;
        number[0] = n->type;
        if (code == NULL || icmp_numbered(code, "code_", &number[1]))
            return true;
        for (size_t c = 0; n->codes[c].name != NULL; c++) {
            number[1] = n->codes[c].code;
            if (strcmp(n->codes[c].name, code) == 0)
                return true;
        }
    }
    return false;
}

bool pkt_icmp_type_known(const char *type)
{
    return pkt_icmp_code_known(type, NULL);
}

bool pkt_icmp_code_known(const char *type, const char *code)
{
    uint8_t number[2];

    return pkt_icmp_number(false, type, code, number) || pkt_icmp_number(true, type, code, number);
}
