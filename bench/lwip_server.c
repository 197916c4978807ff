/* lwip_server.c - accept, answer, close: in lwIP's callbacks.
 *
 * A peer's FIN is answered by its ACK first and by our FIN after it: tcp_close() inside the
 * callback would put both into one segment. */
#define _GNU_SOURCE
#include "bench/lwip_server.h"

#include <string.h>

enum { BACKLOG = 255 };

static err_t lwip_server_read(lwip_server *s, struct tcp_pcb *pcb, struct pbuf *packet)
{
    uint8_t request[SCRIPT_TEXT_BYTES];

    if (packet->tot_len != SCRIPT_TEXT_BYTES ||
        pbuf_copy_partial(packet, request, SCRIPT_TEXT_BYTES, 0) != SCRIPT_TEXT_BYTES ||
        memcmp(request, script_request, SCRIPT_TEXT_BYTES) != 0)
        bench_fail("lwIP's server read a wrong request of %u octets", packet->tot_len);
    tcp_recved(pcb, packet->tot_len);
    pbuf_free(packet);
    s->script.requests++;
    if (tcp_write(pcb, script_answer, SCRIPT_TEXT_BYTES, TCP_WRITE_FLAG_COPY) != ERR_OK)
        bench_fail("lwIP's server could not answer");
    if (s->closes_first && tcp_close(pcb) != ERR_OK)
        bench_fail("lwIP's server could not close");
    return ERR_OK;
}

static err_t lwip_server_recv(void *context, struct tcp_pcb *pcb, struct pbuf *packet, err_t err)
{
    lwip_server *s = context;

    if (err != ERR_OK)
        bench_fail("lwIP's server got error %d", err);
    if (packet != NULL)
        return lwip_server_read(s, pcb, packet);
    s->peer_closed++;
    if (!s->closes_first)
        s->closing = pcb;
    return ERR_OK;
}

static err_t lwip_server_accept(void *context, struct tcp_pcb *pcb, err_t err)
{
    lwip_server *s = context;

    if (err != ERR_OK)
        bench_fail("lwIP's server got error %d instead of a connection", err);
    tcp_arg(pcb, s);
    tcp_recv(pcb, lwip_server_recv);
    s->script.accepted++;
    return ERR_OK;
}

void lwip_server_close_pending(lwip_server *s)
{
    if (s->closing == NULL)
        return;
    if (tcp_close(s->closing) != ERR_OK)
        bench_fail("lwIP's server could not close");
    s->closing = NULL;
}

void lwip_server_sent(lwip_rig *rig, struct pbuf *packet)
{
    lwip_server *s = rig->program;
    s->script.segments_out++;
    script_reply_add(s->replies, packet->payload, packet->tot_len);
}

static void lwip_server_pbuf_free(struct pbuf *packet)
{
    lwip_server *s = (lwip_server *)(void *)((uint8_t *)packet - offsetof(lwip_server, pbuf));
    s->pbuf_taken = false;
}

static void lwip_server_sweep(lwip_server *s)
{
    s->lives++;
    if (s->lives % LWIP_RIG_LIVES_A_SWEEP == 0)
        s->time_waits += lwip_rig_end_time_wait();
}

static void lwip_server_give(void *context, uint8_t *packet, size_t bytes, script_replies *replies)
{
    lwip_server *s = context;

    s->replies = replies;
    s->pbuf_taken = true;
    s->script.segments_in++;
    uint64_t closed = s->peer_closed;
    lwip_rig_input(s->rig, &s->pbuf, packet, bytes);
    if (s->pbuf_taken)
        bench_fail("lwIP kept a packet that was in order");
    lwip_server_close_pending(s);
    if (s->closes_first && s->peer_closed != closed)
        lwip_server_sweep(s);
}

static uint64_t lwip_server_open(void *context)
{
    (void)context;
    return lwip_rig_open();
}

static void lwip_server_set_aside(void *context)
{
    lwip_server *s = context;
    lwip_rig_set_aside(s->rig);
}

static void lwip_server_put_back(void *context)
{
    lwip_server *s = context;
    lwip_rig_put_back(s->rig);
}

void lwip_server_init(lwip_server *s, lwip_rig *rig, bool closes_first)
{
    memset(s, 0, sizeof *s);
    s->rig = rig;
    s->closes_first = closes_first;
    s->pbuf.custom_free_function = lwip_server_pbuf_free;
    s->script = (script_server){.context = s,
                                .give = lwip_server_give,
                                .open_connections = lwip_server_open,
                                .set_aside = lwip_server_set_aside,
                                .put_back = lwip_server_put_back};
    rig->program = s;
    struct tcp_pcb *listener = tcp_new();
    if (listener == NULL || tcp_bind(listener, IP_ADDR_ANY, SCRIPT_SERVER_PORT) != ERR_OK)
        bench_fail("lwIP refused the port");
    listener = tcp_listen_with_backlog(listener, BACKLOG);
    if (listener == NULL)
        bench_fail("lwIP refused to listen");
    s->listener = listener;
    tcp_arg(listener, s);
    tcp_accept(listener, lwip_server_accept);
}
