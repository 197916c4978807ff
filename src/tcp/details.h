/* details.h - what a connection counts of itself when it is asked to (tern_config.details).
 *
 * It is in the connection's own settings record, so that a connection which is not asked pays one
 * test of an index. The three waits that slow a sender down (busy, the peer's window, our own
 * buffer) are told apart as Linux does (tcp_info, tcpi_busy_time). */
#ifndef TERN_TCP_DETAILS_H
#define TERN_TCP_DETAILS_H

#include "tcp/settings.h"

/* NULL: this connection does not count. */
static inline struct details *details_of(const struct engine *e, const struct tcb *t)
{
    if (t->settings == 0)
        return NULL;
    struct settings *own = pool_at(e, &e->settings, t->settings);
    return own->counted ? &own->details : NULL;
}

/* Takes the record for a new connection, while there are some. */
void details_begin(struct engine *e, struct tcb *t);

/* The handshake is done: what the peer sent last was its SYN, and it has ours. */
void details_opened(const struct engine *e, const struct tcb *t);

/* A segment with text came, or went out; again: what it carries was sent before. */
void details_text_in(const struct engine *e, const struct tcb *t, bool early);
void details_text_out(const struct engine *e, const struct tcb *t, uint32_t bytes, bool again);

/* Octets that go out next were sent before. */
void details_again(const struct engine *e, const struct tcb *t, uint32_t bytes);

/* An acceptable acknowledgment came; cwnd_limited: the window, not the program, held data back. */
void details_acked(const struct engine *e, const struct tcb *t, bool cwnd_limited);

/* The peer tells for the first time that it has so many octets of text. */
void details_delivered(const struct engine *e, const struct tcb *t, uint32_t bytes);

/* The peer reports octets that it got twice (RFC 2883). */
void details_duplicate(const struct engine *e, const struct tcb *t);

void details_rtt(const struct engine *e, const struct tcb *t, uint32_t rtt_us);

/* What the sender waits for from now on. */
void details_wait(const struct engine *e, const struct tcb *t, enum details_wait wait);

#endif
