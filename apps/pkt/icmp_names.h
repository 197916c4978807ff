/* icmp_names.h - the names that scripts have for ICMP types and codes, and their numbers. */
#ifndef TERN_APPS_PKT_ICMP_NAMES_H
#define TERN_APPS_PKT_ICMP_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Does ICMP of IPv4 or of IPv6 have this type, and in it this code? */
bool pkt_icmp_type_known(const char *type);
bool pkt_icmp_code_known(const char *type, const char *code);

/* The numbers in one of the two. code NULL is 0. false: it has not these names. */
bool pkt_icmp_number(bool ipv6, const char *type, const char *code, uint8_t number[2]);

#endif
