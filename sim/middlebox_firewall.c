/* middlebox_firewall.c - drops or resets by port, by flag, or after so many octets. */
#include "sim/middlebox_kinds.h"

/* Counts the text that passes; true when the flow has had its share already. */
static bool firewall_share_is_used(const middlebox_visit *v)
{
    bool in = v->from == MIDDLEBOX_NETWORK;
    const tern_endpoint *outer = in ? &v->s.source : &v->s.destination;
    const tern_endpoint *inner = in ? &v->s.destination : &v->s.source;
    middlebox_flow *f = middlebox_find(v, outer, inner);

    if (f == NULL)
        f = middlebox_take(v, outer, inner);
    else if ((v->s.flags & (EDIT_SYN | EDIT_ACK)) == EDIT_SYN) /* a new connection of the two */
        f->text_bytes = 0;
    bool used = f->text_bytes >= v->box->config.after_bytes;
    f->text_bytes += used ? 0 : v->s.text_bytes;
    return used;
}

bool middlebox_firewall(const middlebox_visit *v)
{
    const middlebox_config *c = &v->box->config;
    const edit_segment *s = &v->s;

    if (c->port != 0 && s->source.port != c->port && s->destination.port != c->port)
        return true;
    if (c->flags != 0 && (s->flags & c->flags) == 0)
        return true;
    if (c->after_bytes > 0 && !firewall_share_is_used(v))
        return true;
    if (c->resets) {
        middlebox_reset_sender(v);
        /* The receiver knows the connection: in the sender's name. */
        if ((s->flags & EDIT_ACK) != 0)
            middlebox_send(v, middlebox_other(v->from),
                           &(edit_fields){.source = s->source,
                                          .destination = s->destination,
                                          .seq = s->seq,
                                          .flags = EDIT_RST});
    }
    return false;
}
