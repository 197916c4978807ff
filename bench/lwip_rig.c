/* lwip_rig.c - lwIP without threads: input, output, time. */
#define _GNU_SOURCE
#include "bench/lwip_rig.h"

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/priv/tcp_priv.h>

#include <string.h>

enum {
    TICK_US = 250000,
    TICKS_OF_TIME_WAIT = 2 * TCP_MSL / TCP_SLOW_INTERVAL + 1,
    IP_ADDRESSES_OFFSET = 12,
};

/* In place of the library's own: one thread needs no lock. */
sys_prot_t sys_arch_protect(void)
{
    return 0;
}

void sys_arch_unprotect(sys_prot_t value)
{
    (void)value;
}

static err_t lwip_rig_output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to)
{
    lwip_rig *rig = netif->state;
    (void)to;
    rig->segments_out++;
    rig->sent(rig, packet);
    return ERR_OK;
}

static err_t lwip_rig_netif_init(struct netif *netif)
{
    netif->name[0] = 'b';
    netif->name[1] = 'e';
    netif->mtu = 1500;
    netif->output = lwip_rig_output;
    return ERR_OK;
}

void lwip_rig_init(lwip_rig *rig, void (*sent)(lwip_rig *rig, struct pbuf *packet))
{
    ip4_addr_t address, mask, gateway;

    memset(rig, 0, sizeof *rig);
    rig->sent = sent;
    rig->tick_us = TICK_US;
    lwip_init();
    ip4_addr_set_u32(&address, lwip_htonl(SCRIPT_SERVER_ADDRESS));
    ip4_addr_set_u32(&mask, lwip_htonl(0xff000000u));
    ip4_addr_set_any(&gateway);
    if (netif_add(&rig->netif, &address, &mask, &gateway, rig, lwip_rig_netif_init, ip_input) ==
        NULL)
        bench_fail("lwIP refused the interface");
    netif_set_default(&rig->netif);
    netif_set_link_up(&rig->netif);
    netif_set_up(&rig->netif);
}

void lwip_rig_input(lwip_rig *rig, struct pbuf_custom *custom, uint8_t *octets, size_t bytes)
{
    struct pbuf *packet = pbuf_alloced_custom(PBUF_RAW, (u16_t)bytes, PBUF_REF, custom, octets,
                                              (u16_t)bytes);
    rig->now_us++;
    if (rig->now_us >= rig->tick_us) {
        rig->tick_us += TICK_US;
        tcp_tmr();
    }
    if (packet == NULL || rig->netif.input(packet, &rig->netif) != ERR_OK)
        bench_fail("lwIP refused a packet");
}

static void lwip_rig_slot_free(struct pbuf *packet)
{
    (void)packet; /* its slot is used again when the ring comes round */
}

void lwip_rig_mirror(lwip_rig *rig, struct pbuf *packet)
{
    lwip_rig_slot *slot = &rig->slots[rig->sent_slot % LWIP_RIG_SLOTS];
    uint8_t addresses[8];

    if (rig->sent_slot - rig->taken_slot == LWIP_RIG_SLOTS || packet->next != NULL ||
        packet->len > LWIP_RIG_SLOT_BYTES)
        bench_fail("lwIP sent more than the wire holds");
    memcpy(slot->octets, packet->payload, packet->len);
    memcpy(addresses, slot->octets + IP_ADDRESSES_OFFSET, 8);
    memcpy(slot->octets + IP_ADDRESSES_OFFSET, addresses + 4, 4);
    memcpy(slot->octets + IP_ADDRESSES_OFFSET + 4, addresses, 4);
    slot->bytes = packet->len;
    slot->pbuf.custom_free_function = lwip_rig_slot_free;
    rig->sent_slot++;
}

bool lwip_rig_deliver(lwip_rig *rig)
{
    if (rig->taken_slot == rig->sent_slot)
        return false;
    lwip_rig_slot *slot = &rig->slots[rig->taken_slot++ % LWIP_RIG_SLOTS];
    lwip_rig_input(rig, &slot->pbuf, slot->octets, slot->bytes);
    return true;
}

static uint64_t lwip_rig_length(const struct tcp_pcb *list)
{
    uint64_t length = 0;
    for (; list != NULL; list = list->next)
        length++;
    return length;
}

uint64_t lwip_rig_end_time_wait(void)
{
    uint64_t ended = lwip_rig_length(tcp_tw_pcbs);
    tcp_ticks += TICKS_OF_TIME_WAIT;
    tcp_slowtmr();
    if (tcp_tw_pcbs != NULL)
        bench_fail("lwIP kept a TIME-WAIT connection");
    return ended;
}

uint64_t lwip_rig_open(void)
{
    return lwip_rig_length(tcp_active_pcbs);
}

void lwip_rig_set_aside(lwip_rig *rig)
{
    while (tcp_active_pcbs != NULL) {
        struct tcp_pcb *pcb = tcp_active_pcbs;
        tcp_active_pcbs = pcb->next;
        pcb->next = rig->aside;
        rig->aside = pcb;
    }
}

void lwip_rig_put_back(lwip_rig *rig)
{
    lwip_rig_set_aside(rig);
    tcp_active_pcbs = rig->aside;
    rig->aside = NULL;
}
