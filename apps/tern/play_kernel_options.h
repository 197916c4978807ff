/* play_kernel_options.h - what a scenario sets, in the kernel's words: socket options, and the
 * switches of the network namespace that is the play's own. */
#ifndef TERN_APPS_PLAY_KERNEL_OPTIONS_H
#define TERN_APPS_PLAY_KERNEL_OPTIONS_H

#include "apps/tern/scenario.h"

/* `client option keepalive on`, on a socket. The kernel counts keep-alive in seconds: a part of one
 * counts as a whole. false: errno says why; ENOTSUP: the kernel has no such option. */
bool kernel_option_set(int fd, const setting_option *option);

/* `client set recv_buffer 8192`: all that the scenario sets for the side and a socket can have,
 * before it connects or listens. What the kernel has no word for is left out. */
void kernel_settings_socket(int fd, const scenario *s, scenario_side side, bool ipv6);

/* Likewise, what is the namespace's: timestamps, sack, window_scale. What tern has switched on the
 * kernel has too: Fast Open in both roles, and path MTU by probing. */
void kernel_settings_network(const scenario *s, scenario_side side);

/* The namespace's key of Fast Open cookies. */
void kernel_settings_key(const uint8_t key[TERN_KEY_BYTES]);

#endif
