/* middlebox_syn_proxy.c - a handshake before the handshake.
 *
 *     network              box                   host
 *        | SYN x            |                     |
 *        | <- SYN,ACK c     |                     |   c a cookie: nothing is kept; window 0
 *        | ACK c+1          |                     |
 *        |                  | SYN x ->            |
 *        |                  |     <- SYN,ACK y    |
 *        | <- ACK x+1       | ACK y+1 ->          |   the ACK to the network opens the window
 *        | data          c+1 -> y+1               |   and from here on numbers are shifted by c - y
 *
 * The only option that both sides see is an MSS: what the SYN offered is forgotten with it. What
 * the host itself opens passes as it is. */
#include "sim/middlebox_kinds.h"

#include "sim/rng.h"

static uint32_t syn_proxy_cookie(const middlebox_visit *v, const tern_endpoint *outer, uint32_t isn)
{
    rng mix = rng_of_seed(v->box->config.secret);

    for (uint32_t i = 0; i < sizeof outer->address.octets; i++)
        mix.state += rng_next(&mix) ^ outer->address.octets[i];
    mix.state += rng_next(&mix) ^ outer->port;
    mix.state += rng_next(&mix) ^ isn;
    return (uint32_t)rng_next(&mix);
}

/* The third step: its ACK is the cookie's, so the host may hear of it. */
static void syn_proxy_open(const middlebox_visit *v)
{
    const edit_segment *s = &v->s;
    uint32_t cookie = s->ack - 1;

    if ((s->flags & EDIT_RST) != 0 || (s->flags & EDIT_ACK) == 0 ||
        cookie != syn_proxy_cookie(v, &s->source, s->seq - 1))
        return;
    middlebox_flow *f = middlebox_take(v, &s->source, &s->destination);
    f->cookie = cookie;
    f->isn = s->seq - 1;
    f->window = s->window;
    middlebox_send(v, MIDDLEBOX_HOST,
                   &(edit_fields){.source = s->source,
                                  .destination = s->destination,
                                  .seq = s->seq - 1,
                                  .window = s->window,
                                  .mss = v->box->config.mss,
                                  .flags = EDIT_SYN});
}

static bool syn_proxy_in(const middlebox_visit *v)
{
    const edit_segment *s = &v->s;
    middlebox_flow *f = middlebox_find(v, &s->source, &s->destination);

    if (f != NULL && f->own)
        return true;
    if ((s->flags & (EDIT_SYN | EDIT_ACK)) == EDIT_SYN) {
        if (f != NULL && f->isn != s->seq) /* a new connection of the two */
            *f = (middlebox_flow){.used_us = 0};
        middlebox_send(v, MIDDLEBOX_NETWORK,
                       &(edit_fields){.source = s->destination,
                                      .destination = s->source,
                                      .seq = syn_proxy_cookie(v, &s->source, s->seq),
                                      .ack = s->seq + 1,
                                      .mss = v->box->config.mss,
                                      .flags = EDIT_SYN | EDIT_ACK});
        return false;
    }
    if (f == NULL) {
        syn_proxy_open(v);
        return false;
    }
    if (f->open && (s->flags & EDIT_ACK) != 0)
        edit_put32(s, EDIT_AT_ACK, s->ack - f->shift);
    return f->open;
}

static bool syn_proxy_out(const middlebox_visit *v)
{
    const edit_segment *s = &v->s;
    middlebox_flow *f = middlebox_find(v, &s->destination, &s->source);

    if ((s->flags & (EDIT_SYN | EDIT_ACK)) == EDIT_SYN) { /* the two begin anew, or for the first */
        if (f == NULL)
            f = middlebox_take(v, &s->destination, &s->source);
        *f = (middlebox_flow){
            .outer = f->outer, .inner = f->inner, .used_us = v->now_us, .own = true};
    }
    if (f == NULL || f->own)
        return true;
    if (f->open || (s->flags & EDIT_RST) != 0) { /* a refusal of our SYN has no number to shift */
        edit_put32(s, EDIT_AT_SEQ, f->open ? s->seq + f->shift : f->cookie + 1);
        return true;
    }
    if ((s->flags & EDIT_SYN) == 0)
        return false;
    f->open = true;
    f->shift = f->cookie - s->seq;
    edit_fields to_network = {.source = s->source,
                              .destination = s->destination,
                              .seq = f->cookie + 1,
                              .ack = s->ack,
                              .window = s->window,
                              .flags = EDIT_ACK};
    edit_fields to_host = {.source = s->destination,
                           .destination = s->source,
                           .seq = s->ack,
                           .ack = s->seq + 1,
                           .window = f->window,
                           .flags = EDIT_ACK};
    middlebox_send(v, MIDDLEBOX_HOST, &to_host);
    middlebox_send(v, MIDDLEBOX_NETWORK, &to_network);
    return false;
}

bool middlebox_syn_proxy(const middlebox_visit *v)
{
    return v->from == MIDDLEBOX_NETWORK ? syn_proxy_in(v) : syn_proxy_out(v);
}
