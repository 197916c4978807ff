/* option_names.c - the union of what the two packetdrills take, in a script or on their command
 * line: to both these are the same. */
#include "apps/pkt/option_names.h"

#include <stddef.h>
#include <string.h>

typedef struct option_name {
    const char *name;
    bool value_wanted;
} option_name;

static const option_name option_names[] = {
    {"bind_port", true},
    {"code_command", true},
    {"code_format", true},
    {"code_sockopt", true},
    {"connect_port", true},
    {"debug", false},
    {"define", true},
    {"dry_run", false},
    {"gateway_ip", true},
    {"gateway_linklocal_ip", true},
    {"init_scripts", true},
    {"ip_version", true},
    {"is_anyip", false},
    {"local_ip", true},
    {"local_linklocal_ip", true},
    {"mss", true},
    {"mtu", true},
    {"netmask_ip", true},
    {"no_cleanup", false},
    {"non_fatal", true},
    {"persistent_tun_dev", false},
    {"psp_udp_port", true},
    {"remote_ip", true},
    {"send_omit_free", false},
    {"so_filename", true},
    {"so_flags", true},
    {"speed", true},
    {"strict_segments", false},
    {"tcp_md5_secret", true},
    {"tcp_ts_ecr_scaled", false},
    {"tcp_ts_tick_usecs", true},
    {"tolerance_percent", true},
    {"tolerance_usecs", true},
    {"tun_dev", true},
    {"udp_encapsulation", true},
    {"verbose", false},
    {"wire_client", false},
    {"wire_client_dev", true},
    {"wire_server", false},
    {"wire_server_at", true},
    {"wire_server_dev", true},
    {"wire_server_ip", true},
    {"wire_server_port", true},
};

bool pkt_option_known(const char *name, bool *value_wanted)
{
    for (size_t i = 0; i < sizeof option_names / sizeof option_names[0]; i++) {
        *value_wanted = option_names[i].value_wanted;
        if (strcmp(option_names[i].name, name) == 0)
            return true;
    }
    return false;
}
