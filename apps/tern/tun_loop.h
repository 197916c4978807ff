/* tun_loop.h - a stack on a TUN device: the loop of tern.h, with a real clock.
 *
 * The program pulls its events, as everywhere in tern:
 *
 *     while (!done && loop.signal == 0 && !loop.broken) {
 *         tun_loop_step(&loop, wake_us, NULL);
 *         while (tern_next_event(loop.stack, &event)) ...
 *     }
 *
 * SIGINT and SIGTERM are blocked and come as loop.signal; SIGPIPE is ignored. With impairments,
 * every packet passes a sim_link in its direction. */
#ifndef TERN_APPS_TUN_LOOP_H
#define TERN_APPS_TUN_LOOP_H

#include "apps/tern/coverage.h"
#include "apps/tern/options.h"
#include "sim/pcapng.h"

#include <poll.h>

struct watch;

typedef struct tun_loop {
    tern_stack *stack; /* the arena; freed by tun_loop_close() */
    tun_device device;
    sim_link *links[2];  /* TUN_LOOP_IN, TUN_LOOP_OUT; NULL without impairments */
    struct watch *watch; /* NULL without --watch */

    FILE *capture_file; /* NULL without --pcap */
    pcapng capture;
    const char *capture_path;
    uint64_t wall_offset_us; /* wall clock minus monotonic clock, at the start */

    coverage reached; /* with --coverage */
    coverage_file coverage_file;

    uint8_t *packet; /* of TERN_MTU_MAX_BYTES */
    uint8_t *unsent; /* a packet that the device did not take yet */
    size_t unsent_bytes;
    uint64_t serial; /* of the last packet, in either direction */

    int signal_fd;
    int signal;  /* the signal that has come; 0: none */
    bool broken; /* the device is gone */
} tun_loop;

enum { TUN_LOOP_IN, TUN_LOOP_OUT };

/* Makes the device, the stack and the rest. The addresses, the MTU and the key of config are
 * filled in here. client: tern opens the connections, for --watch. false: the message is printed,
 * and nothing is left behind. */
bool tun_loop_open(tun_loop *loop, const char *verb, const network_options *options,
                   tern_config *config, bool client);

/* Sends what is owed; sleeps until a packet, a timer of the stack, a signal, until_us or *extra
 * (NULL: nothing more); takes in what has come. */
void tun_loop_step(tun_loop *loop, tern_time until_us, struct pollfd *extra);

/* Goes on, dropping events, until no connection is left but in TIME-WAIT and all is on the wire;
 * at most for limit_us. */
void tun_loop_settle(tun_loop *loop, tern_time limit_us);

/* false: the capture or the coverage could not be written whole, and the message is printed. */
bool tun_loop_close(tun_loop *loop, const char *verb);

#endif
