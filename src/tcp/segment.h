/* segment.h - a segment on its way through RFC 9293 3.10.7, and what the steps say of it. */
#ifndef TERN_TCP_SEGMENT_H
#define TERN_TCP_SEGMENT_H

#include "tcp/engine.h"
#include "wire/tcp_header.h"
#include "wire/tcp_options.h"

/* The segment's variables (RFC 9293 3.3.1). The first step trims it to the window, so that the
 * later ones see only what is new. */
struct segment {
    seq seq, ack;
    seq up;         /* SEG.SEQ + SEG.UP, when URG */
    uint32_t wnd;   /* as on the wire; scaled by segment_window() */
    uint16_t flags; /* TCP_SYN .. */
    const uint8_t *text;
    uint32_t text_bytes;
    seq duplicate; /* the first octets that were here before (RFC 2883 4); 0 octets: none were */
    uint32_t duplicate_bytes;
    bool fin_acked; /* 5th: this segment acknowledges our FIN */
    bool had_text;  /* it carried text before it was trimmed */
    bool had_syn;   /* and a SYN */
    bool reopens;   /* a SYN that ends TIME-WAIT: the new ISS is above iss_above */
    seq iss_above;
    tcp_options options;
};

/* What a step answers. Only NEXT goes on to the following step. */
typedef enum verdict {
    NEXT,
    DROP,
    DROP_AND_ACK, /* an ACK is owed, at once */
    DROP_AND_RST, /* a reset made from the segment is owed (RFC 9293 3.5.2) */
    DELETE_TCB,   /* the connection has gone to CLOSED */
    REOPEN,       /* likewise, and the segment is now for LISTEN (RFC 6191) */
} verdict;

static inline bool segment_has(const struct segment *s, uint16_t flags)
{
    return (s->flags & flags) != 0;
}

/* The octets [start, end) of the text were here before: the first such are what is told. */
static inline void segment_repeats(struct segment *s, seq start, seq end)
{
    if (s->duplicate_bytes > 0 || !seq_lt(start, end))
        return;
    s->duplicate = start;
    s->duplicate_bytes = seq_diff(end, start);
}

/* SEG.LEN: octets of sequence space, SYN and FIN included. */
static inline uint32_t segment_len(const struct segment *s)
{
    return s->text_bytes + segment_has(s, TCP_SYN) + segment_has(s, TCP_FIN);
}

/* SEG.WND in octets; the window of a SYN is never scaled (RFC 7323 2.2). */
static inline uint32_t segment_window(const struct segment *s, const struct tcb *t)
{
    return segment_has(s, TCP_SYN) || s->had_syn ? s->wnd : s->wnd << t->snd_scale;
}

/* RFC 9293 3.10.7.3 and 3.10.7.4: a segment for a connection that is not in LISTEN. */
verdict segment_arrives(struct engine *e, struct tcb *t, struct segment *s);

/* A SYN whose Fast Open cookie is good has made this TCB in SYN-RECEIVED: its text is taken, and
 * the program may answer (RFC 7413 4.2.2). */
void segment_opens_fast(struct engine *e, struct tcb *t, const struct segment *s);

/* SYN-RECEIVED becomes ESTABLISHED as if our SYN were acknowledged; it is still owed. Only a
 * simulation asks for this (docs/decisions/0010). */
void segment_not_awaited(struct engine *e, struct tcb *t);

#endif
