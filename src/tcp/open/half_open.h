/* half_open.h - SYN-RECEIVED after a passive OPEN: a record of 64 octets.
 *
 * A SYN costs its sender nothing, so until the third step of the handshake it costs us little: the
 * addresses, both ISNs, and what the SYN's options agreed to. ack_of_syn.c makes a TCB of it.
 *
 * While the program holds the handshake (stack/hold.c), the record owes nothing: what belongs to a
 * SYN,ACK under way is then room for two queues. */
#ifndef TERN_TCP_OPEN_HALF_OPEN_H
#define TERN_TCP_OPEN_HALF_OPEN_H

#include "tcp/packet.h"

enum half_open_flag {
    HALF_OPEN_TS = 1 << 0,
    HALF_OPEN_SACK = 1 << 1,
    HALF_OPEN_SCALED = 1 << 2,
    HALF_OPEN_OWES = 1 << 3,  /* a SYN,ACK is owed: `timer` links the queue, no timer runs */
    HALF_OPEN_SENT = 1 << 4,  /* the SYN,ACK has been sent */
    HALF_OPEN_AGAIN = 1 << 5, /* and sent again */
    HALF_OPEN_HELD = 1 << 6,  /* unanswered until the program decides */
    HALF_OPEN_GRANT = 1 << 7, /* the first SYN,ACK brings a Fast Open cookie */
};

/* What the SYN of a held handshake carried, whatever our configuration makes of it. */
enum half_open_offer {
    OFFER_MSS = 1 << 0,
    OFFER_SCALE = 1 << 1,
    OFFER_SACK = 1 << 2,
    OFFER_TS = 1 << 3,
    OFFER_TEXT = 1 << 4,
};

struct half_open {
    struct flow flow; /* flags: enum half_open_flag; spare: SEG.WND of the SYN */
    union {
        struct {
            struct wheel_node timer;
            union {
                uint32_t sent_us;     /* the SYN,ACK went out first at this time */
                bool fast_experiment; /* until then, with HALF_OPEN_GRANT: the option's form */
            };
        };
        struct {              /* HALF_OPEN_HELD */
            struct link wait; /* in the queue of all held records, oldest first */
            struct link held; /* in that of its listener, likewise */
        };
    };
    seq iss, irs;
    uint32_t ts_recent;
    uint32_t born_ms;
    uint16_t peer_mss;     /* from its SYN, or the default */
    uint8_t snd_scale : 4; /* the peer's shift */
    uint8_t rcv_scale : 4; /* ours, for the buffer that the listener had then */
    uint8_t retries;       /* SYN,ACKs sent again; held: enum half_open_offer */
};

_Static_assert(sizeof(struct half_open) == 64, "a half-open record costs 64 octets");

/* A segment for a half-open connection: RFC 9293 3.10.7.4, SYN-RECEIVED after a passive OPEN.
 * NEXT: it acknowledges our SYN, and a TCB shall take it from here. DROP_AND_ACK: an ACK is owed;
 * to the same SYN again, the SYN,ACK. REOPEN: back to LISTEN, the record dies. DELETE_TCB:
 * likewise, by a RST. pattern: of its listener, or NULL (engine.h). */
verdict half_open_arrives(struct engine *e, const struct half_open *h, const struct tcb *pattern,
                          const struct segment *s);

/* A segment for a held record, which answers nothing. DROP; DELETE_TCB: its peer has given up.
 * REOPEN: a new SYN; the record dies, and the SYN is for LISTEN. */
verdict half_open_held_arrives(struct engine *e, struct half_open *h, const struct segment *s);

/* Its timer has fired: true when the SYN,ACK is owed again, false when its life is over. */
bool half_open_retry(struct engine *e, struct half_open *h, const struct tcb *pattern);

/* When the SYN,ACK goes out again, from now. */
uint32_t half_open_timeout_ms(const struct engine *e, const struct half_open *h);

#endif
