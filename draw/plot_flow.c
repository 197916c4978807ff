/* plot_flow.c - plots of a conversation: congestion window, sequence numbers, offered window. */
#include "draw/plot_flow.h"

#include <stdlib.h>
#include <string.h>

#include "draw/packet_text.h"
#include "wire/tcp_header.h"

struct plot_flow {
    plot *plots[2][PLOT_KINDS]; /* by the end that sends the data */
    packet_flows flows;
    uint64_t data_bytes[2];   /* sent, retransmissions included */
    tern_endpoint source[2];  /* of the connection that is plotted; port 0: none yet */
    uint64_t highest[2];      /* octets sent, from the ISN */
    uint64_t acknowledged[2]; /* of these */
};

/* The series of each plot, in the order they are drawn. */
enum { PLOT_LINES = PLOT_SERIES_MAX }; /* of a plot, at most */

typedef enum plot_line_of {
    CWND_FLIGHT = PLOT_OF_CWND * PLOT_LINES,
    CWND_SSTHRESH,
    CWND_CWND,
    SEQUENCE_EDGE = PLOT_OF_SEQUENCE * PLOT_LINES,
    SEQUENCE_ACK,
    SEQUENCE_SACK,
    SEQUENCE_SENT,
    SEQUENCE_AGAIN,
    WINDOW_FLIGHT = PLOT_OF_WINDOW * PLOT_LINES,
    WINDOW_OFFERED,
    WINDOW_PROBE,
} plot_line_of;

#define PLOT_SSTHRESH_NONE (UINT32_C(1) << 30) /* not yet set: as good as infinite (RFC 5681 3.1) */

static const char *const plot_names[] = {"cwnd", "sequence", "window"};

plot_kind plot_kind_find(const char *name)
{
    unsigned kind = 0;

    while (kind < PLOT_KINDS && strcmp(plot_names[kind], name) != 0)
        kind++;
    return (plot_kind)kind;
}

/* ---- The plots ----------------------------------------------------------------------------- */

static plot *plot_of_cwnd(void)
{
    plot *p = plot_new("cwnd", N_("Congestion window and slow start threshold"), N_("octets"));
    if (p == NULL)
        return NULL;
    (void)plot_series(p, N_("in flight"), PLOT_STEPS, PLOT_LOW);
    (void)plot_series(p, "ssthresh", PLOT_STEPS, PLOT_DASHED);
    (void)plot_series(p, "cwnd", PLOT_STEPS, PLOT_FINE);
    return p;
}

static plot *plot_of_sequence(void)
{
    plot *p = plot_new("sequence", N_("Sequence numbers, as the sender sees them"), N_("octets"));
    if (p == NULL)
        return NULL;
    (void)plot_series(p, N_("edge of the window"), PLOT_STEPS, PLOT_DASHED);
    (void)plot_series(p, N_("acknowledged"), PLOT_STEPS, PLOT_LOW);
    (void)plot_series(p, "SACK", PLOT_BARS, PLOT_BLOCK);
    (void)plot_series(p, N_("sent"), PLOT_BARS, PLOT_FINE);
    (void)plot_series(p, N_("sent again"), PLOT_BARS, PLOT_CROSS);
    return p;
}

static plot *plot_of_window(void)
{
    plot *p = plot_new("window", N_("The window that the receiver offers"), N_("octets"));
    if (p == NULL)
        return NULL;
    (void)plot_series(p, N_("in flight"), PLOT_STEPS, PLOT_LOW);
    (void)plot_series(p, N_("offered"), PLOT_STEPS, PLOT_FINE);
    (void)plot_series(p, N_("probe of a closed window"), PLOT_BARS, PLOT_PROBE);
    return p;
}

static void plot_value(plot_flow *p, ladder_end end, plot_line_of line, const plot_point *point)
{
    plot *to = p->plots[end][line / PLOT_LINES];

    if (to != NULL)
        plot_add(to, line % PLOT_LINES, point);
}

static void plot_step(plot_flow *p, ladder_end end, plot_line_of line, tern_time now_us,
                      uint64_t value)
{
    plot_value(p, end, line, &(plot_point){now_us, value, value});
}

/* ---- What is seen -------------------------------------------------------------------------- */

static bool plot_is_same(const tern_endpoint *a, const tern_endpoint *b)
{
    return a->port == b->port && memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static void plot_flight(plot_flow *p, ladder_end end, tern_time now_us)
{
    uint64_t highest = p->highest[end], acknowledged = p->acknowledged[end];
    uint64_t flight = highest > acknowledged ? highest - acknowledged : 0;

    plot_step(p, end, WINDOW_FLIGHT, now_us, flight);
}

/* A segment with data leaves its end. */
static void plot_data(plot_flow *p, ladder_end end, const packet_summary *s, tern_time now_us)
{
    uint64_t first = s->seq_relative, next = first + s->text_bytes;
    bool again = next <= p->highest[end];

    if (p->source[end].port == 0)
        p->source[end] = s->source;
    if (!plot_is_same(&p->source[end], &s->source))
        return;
    p->data_bytes[end] += s->text_bytes;
    plot_value(p, end, again ? SEQUENCE_AGAIN : SEQUENCE_SENT, &(plot_point){now_us, first, next});
    p->highest[end] = again ? p->highest[end] : next;
    plot_flight(p, end, now_us);
}

/* A segment of the receiver: what it offers, when it leaves. */
static void plot_offer(plot_flow *p, ladder_end sender, const packet_summary *s, tern_time now_us)
{
    if ((s->flags & TCP_ACK) != 0 && (s->flags & TCP_RST) == 0)
        plot_step(p, sender, WINDOW_OFFERED, now_us, s->window_scaled);
}

/* The same, when it reaches the sender. */
static void plot_ack(plot_flow *p, ladder_end sender, const packet_summary *s, tern_time now_us)
{
    uint64_t edge = (uint64_t)s->ack_relative + s->window_scaled;
    uint32_t base = s->ack - s->ack_relative;

    if ((s->flags & TCP_RST) != 0 || !s->ack_relative_known)
        return;
    if (s->ack_relative > p->acknowledged[sender])
        p->acknowledged[sender] = s->ack_relative;
    plot_step(p, sender, SEQUENCE_ACK, now_us, p->acknowledged[sender]);
    plot_step(p, sender, SEQUENCE_EDGE, now_us, edge);
    for (unsigned i = 0; i < s->options.sack_count && i < TCP_SACK_BLOCKS_MAX; i++)
        plot_value(p, sender, SEQUENCE_SACK,
                   &(plot_point){now_us, s->options.sack[i].left.v - base,
                                 s->options.sack[i].right.v - base});
    plot_flight(p, sender, now_us);
}

/* Of the connection that is plotted for this sender? */
static bool plot_is_of(const plot_flow *p, const packet_summary *s, ladder_end sender)
{
    return p->source[sender].port == 0 || plot_is_same(&p->source[sender], &s->destination);
}

void plot_flow_sent(plot_flow *p, const plot_packet *packet)
{
    ladder_end other = packet->end == LADDER_LEFT ? LADDER_RIGHT : LADDER_LEFT;
    packet_summary s;

    packet_read(&s, &p->flows, packet->octets, packet->bytes);
    if (s.form != PACKET_TCP || s.checksum_bad)
        return;
    if (s.text_bytes > 0 && s.seq_relative_known)
        plot_data(p, packet->end, &s, packet->time_us);
    if (plot_is_of(p, &s, other))
        plot_offer(p, other, &s, packet->time_us);
}

void plot_flow_arrived(plot_flow *p, const plot_packet *packet)
{
    packet_flows flows = p->flows; /* what arrives is read by what was sent, and adds nothing */
    packet_summary s;

    packet_read(&s, &flows, packet->octets, packet->bytes);
    if (s.form == PACKET_TCP && !s.checksum_bad && plot_is_of(p, &s, packet->end))
        plot_ack(p, packet->end, &s, packet->time_us);
}

void plot_flow_probe(plot_flow *p, ladder_end end, tern_time time_us)
{
    plot_value(p, end, WINDOW_PROBE, &(plot_point){time_us, 0, 0});
}

/* Is it the connection that is plotted, while it has a congestion window? */
static bool plot_is_connection(const plot_flow *p, ladder_end end, const tern_status *status)
{
    if (status->half_open_record || status->time_wait_record || status->state == TERN_LISTEN ||
        status->state == TERN_CLOSED || status->state == TERN_TIME_WAIT)
        return false;
    return p->source[end].port == 0 || plot_is_same(&p->source[end], &status->local);
}

void plot_flow_status(plot_flow *p, ladder_end end, tern_time time_us, const tern_status *status)
{
    if (!plot_is_connection(p, end, status))
        return;
    plot_step(p, end, CWND_FLIGHT, time_us, status->unacked);
    plot_step(p, end, CWND_CWND, time_us, status->snd_cwnd);
    if (status->snd_ssthresh < PLOT_SSTHRESH_NONE)
        plot_step(p, end, CWND_SSTHRESH, time_us, status->snd_ssthresh);
}

/* ---- Beginning and end --------------------------------------------------------------------- */

plot_flow *plot_flow_new(const bool wanted[PLOT_KINDS])
{
    static plot *(*const make[PLOT_KINDS])(void) = {plot_of_cwnd, plot_of_sequence, plot_of_window};
    plot_flow *p = calloc(1, sizeof *p);
    bool made = p != NULL;

    for (unsigned kind = 0; kind < PLOT_KINDS && made; kind++)
        for (unsigned end = 0; end < 2 && wanted[kind] && made; end++)
            made = (p->plots[end][kind] = make[kind]()) != NULL;
    if (made)
        return p;
    plot_flow_free(p);
    return NULL;
}

void plot_flow_free(plot_flow *p)
{
    if (p == NULL)
        return;
    for (unsigned kind = 0; kind < PLOT_KINDS; kind++)
        for (unsigned end = 0; end < 2; end++)
            plot_free(p->plots[end][kind]);
    free(p);
}

const plot *plot_flow_get(const plot_flow *p, size_t index)
{
    bool right = p->data_bytes[LADDER_RIGHT] > p->data_bytes[LADDER_LEFT];

    for (unsigned kind = 0; kind < PLOT_KINDS; kind++) {
        const plot *found = p->plots[right ? LADDER_RIGHT : LADDER_LEFT][kind];
        if (found != NULL && index-- == 0)
            return found;
    }
    return NULL;
}
