/* play_kernel.h - an actor that is the TCP of the machine's kernel, behind a TUN device.
 *
 * Its calls are those of real sockets in a network namespace of the play's own; its states are
 * read from the kernel after every packet and every call. Packets pass the world's links like
 * those of a stack, in real time. */
#ifndef TERN_APPS_PLAY_KERNEL_H
#define TERN_APPS_PLAY_KERNEL_H

#include "apps/tern/play_stage.h"
#include "host/tun.h"
#include "sim/rng.h"

#include <poll.h>

enum { PLAY_KERNEL_FDS = 3 };

typedef struct play_kernel {
    stage *stage;
    scenario_side side; /* also the number of its host */
    tun_device *device;
    rng *chance;
    int listener, connection; /* sockets; -1: none */
    bool connecting;
    bool ended;   /* the peer's end was read */
    bool probes;  /* keep-alive is on */
    bool stopped; /* the program reads what it is told to, and no more */
    uint64_t unsent_bytes, sent_bytes, unread_bytes;
    tern_state state;                 /* as last seen */
    bool was_synchronized;            /* the connection on the stage, at one time */
    uint16_t local_port, remote_port; /* 0: not known yet */
    bool retransmits;                 /* the kernel's timer for that runs */
} play_kernel;

/* Takes the part of a side whose host in the world is external: add it with
 * play_kernel_deliver() and this context. chance: keys of a host that comes back. */
void play_kernel_begin(play_kernel *k, stage *s, scenario_side side, tun_device *device,
                       rng *chance);

/* A world_deliver: gives a packet to the kernel. */
void play_kernel_deliver(void *context, tern_time now_us, const void *packet, size_t bytes);

/* Takes one packet that the kernel sends into the world, at world_now(). Returns whether there was
 * one. */
bool play_kernel_take(play_kernel *k);

/* What the sockets have become: accepts, reads, finishes a connect. */
void play_kernel_poll(play_kernel *k);

/* The descriptors to sleep on; those not in use are -1. */
void play_kernel_fds(const play_kernel *k, struct pollfd fds[PLAY_KERNEL_FDS]);

/* Would something still happen by itself, other than the end of TIME-WAIT? */
bool play_kernel_is_busy(const play_kernel *k);

/* Lets go of the sockets without a word. */
void play_kernel_end(play_kernel *k);

#endif
