/* icmp_errors.c - what ICMP says of segments that we sent: RFC 9293 3.9.2.2.
 *
 * Anybody can send an ICMP error, and nobody signs one. What it quotes must be ours and under way:
 * the four-tuple of a connection, a sequence number between SND.UNA and SND.NXT (RFC 5927 4.1).
 * Even then it ends only what is not open yet, and there only when it says that trying again is of
 * no use (RFC 5461, RFC 5927 5.2); all else is noted, and told as the reason if the connection
 * times out. Read first: RFC 5461 2, RFC 5927 4 and 5. */
#include "stack/icmp_errors.h"

#include "base/rare.h"
#include "base/bytes.h"
#include "stack/demux.h"
#include "stack/listen.h"
#include "stack/path_mtu.h"
#include "stack/ports.h"
#include "stack/settle.h"
#include "tcp/calls.h"

/* The connection that sent the quoted segment. */
static bool icmp_errors_flow(const tern_stack *s, const struct flow *f, const ip_quote *quote,
                             struct flow *of)
{
    *of = (struct flow){.remote = quote->destination,
                        .remote_port = get_be16(quote->transport + 2),
                        .local_port = get_be16(quote->transport)};
    return quote->protocol == IP_PROTOCOL_TCP && ports_local(s, &quote->source, &of->local) &&
           of->local == f->local;
}

/* SND.UNA =< SEG.SEQ < SND.NXT. */
static bool icmp_errors_under_way(const tern_stack *s, seq quoted, seq una, seq nxt)
{
    bool inclusive = s->engine.config.icmp_seq_upper_inclusive;

    return seq_le(una, quoted) && (inclusive ? seq_le(quoted, nxt) : seq_lt(quoted, nxt));
}

static bool icmp_errors_abort(const tern_stack *s, const icmp_error *error)
{
    return (s->engine.config.icmp_aborts >> error->reason & 1) != 0;
}

static void icmp_errors_tcb(tern_stack *s, uint32_t index, const icmp_error *error)
{
    struct engine *e = &s->engine;
    struct tcb *t = stack_tcb(s, index);
    tern_err means = (tern_err)e->config.icmp_errors[error->reason];
    bool opening = t->state == TERN_SYN_SENT || t->state == TERN_SYN_RECEIVED;
    bool hard = icmp_errors_abort(s, error);

    if (opening && hard) {
        RULE_HIT(e, &t->flow, ICMP_ABORTED);
        calls_end(e, t, TERN_CAUSE_RCV_ICMP, means);
        settle(s, index);
        return;
    }
    if (hard)
        RULE_HIT(e, &t->flow, ICMP_HARD_NOTED);
    else
        RULE_HIT(e, &t->flow, ICMP_NOTED);
    t->soft_error = (int8_t)means;
}

/* A SYN,ACK went where nobody is: its record waits for nothing. */
static void icmp_errors_half_open(tern_stack *s, uint32_t index, const icmp_error *error)
{
    const struct flow *f = &stack_half_open(s, index)->flow;

    if (!icmp_errors_abort(s, error)) {
        RULE_HIT(&s->engine, f, ICMP_NOTED);
        return;
    }
    RULE_HIT(&s->engine, f, HALF_OPEN_ICMP);
    listen_half_open_drop(s, index, TERN_LISTEN, TERN_CAUSE_RCV_ICMP);
}

/* True: the segment with this number is under way on the connection. */
static bool icmp_errors_believed(tern_stack *s, uint32_t reference, seq quoted)
{
    uint32_t index = demux_index_of(reference);

    if (demux_kind_of(reference) == DEMUX_TCB) {
        const struct tcb *t = stack_tcb(s, index);
        return icmp_errors_under_way(s, quoted, t->snd_una, t->snd_nxt);
    }
    if (demux_kind_of(reference) == DEMUX_HALF_OPEN) {
        const struct half_open *h = stack_half_open(s, index);
        return (h->flow.flags & HALF_OPEN_SENT) != 0 &&
               icmp_errors_under_way(s, quoted, h->iss, seq_add(h->iss, 1));
    }
    return false; /* in TIME-WAIT all is acknowledged */
}

RARE void icmp_errors_arrive(tern_stack *s, const struct flow *f, const icmp_message *icmp)
{
    struct engine *e = &s->engine;
    icmp_error error;
    struct flow of;

    if (!icmp_error_read(&error, icmp, engine_is_ipv4(e, f) ? 4 : 6)) {
        RULE_HIT(e, f, ICMP_QUOTE_BAD);
        return;
    }
    if (error.reason == ICMP_SOURCE_QUENCH) {
        RULE_HIT(e, f, ICMP_QUENCH_IGNORED);
        return;
    }
    bool ours = icmp_errors_flow(s, f, &error.quote, &of);
    uint32_t reference = ours ? demux_find(s, &of) : 0;
    if (reference == 0) {
        RULE_HIT(e, f, ICMP_UNMATCHED);
        return;
    }
    if (!icmp_errors_believed(s, reference, seq_of(get_be32(error.quote.transport + 4)))) {
        RULE_HIT(e, &of, ICMP_SEQUENCE_REFUSED);
        return;
    }
    bool tcb = demux_kind_of(reference) == DEMUX_TCB;
    if (tcb && error.reason == ICMP_TOO_BIG)
        path_mtu_too_big(s, demux_index_of(reference), &error);
    else if (tcb)
        icmp_errors_tcb(s, demux_index_of(reference), &error);
    else if (error.reason == ICMP_TOO_BIG) /* no path is too narrow for a SYN,ACK */
        RULE_HIT(e, &of, PATH_MTU_NOT_LOWER);
    else
        icmp_errors_half_open(s, demux_index_of(reference), &error);
}
