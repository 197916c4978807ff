/* play_attack.c - see play_attack.h. */
#include "apps/tern/play_attack.h"

#include "sim/edit.h"

#include <string.h>

enum { ATTACK_WINDOW = 65535, ATTACK_MSS = 1460 };

static void attack_deliver(void *context, tern_time now_us, const void *packet, size_t bytes)
{
    (void)context;
    (void)now_us;
    (void)packet;
    (void)bytes;
}

bool attack_add_host(world *w, const link_config *wire)
{
    world_external host = {.addresses = {tern_address_ipv4(192, 0, 2, 66)},
                           .address_count = 1,
                           .deliver = attack_deliver};
    link_config link = *wire;

    link.plan = NULL; /* the scenario's rules count what the two sides send */
    link.odds = (fault_odds){0};
    if (world_add_external(w, "attacker", &host) != ATTACK_HOST)
        return false;
    for (unsigned side = 0; side < SCENARIO_SIDES; side++)
        if (!world_connect(w, ATTACK_HOST, side, &link, &link))
            return false;
    return true;
}

/* An address for measurements, that no host on the Internet has (RFC 2544, RFC 5180). */
static tern_address attack_random_address(attack *a)
{
    tern_address address = {{0x20, 0x01, 0x00, 0x02}};

    if (tern_address_is_ipv4(&a->to.address)) {
        uint32_t host = rng_below(&a->chance, 1U << 17);
        return tern_address_ipv4(198, (uint8_t)(18 + (host >> 16)), (uint8_t)(host >> 8),
                                 (uint8_t)host);
    }
    rng_fill(&a->chance, address.octets + 6, 10);
    return address;
}

static uint32_t attack_guess(attack *a, const tern_status *target)
{
    if (target == NULL || a->what->guess == GUESS_RANDOM)
        return (uint32_t)rng_next(&a->chance);
    if (a->what->guess == GUESS_EXACT)
        return target->rcv_nxt;
    /* Inside the window, and not at its left edge, which would be exact. */
    return target->rcv_nxt + 1 +
           rng_below(&a->chance, target->rcv_wnd > 1 ? target->rcv_wnd - 1 : 1);
}

static void attack_send(attack *a)
{
    uint8_t packet[EDIT_MADE_MAX_BYTES];
    const tern_status *target = measures_status(a->measures, a->what->to);
    edit_fields fields = {.source = a->from,
                          .destination = a->to,
                          .window = ATTACK_WINDOW,
                          .flags = a->what->flags,
                          .text_bytes = a->what->data ? 1 : 0};

    if (a->what->flood) {
        fields.source.address = attack_random_address(a);
        fields.source.port = (uint16_t)(1024 + rng_below(&a->chance, UINT16_MAX - 1024));
        fields.mss = ATTACK_MSS;
        fields.seq = (uint32_t)rng_next(&a->chance);
    } else {
        if (target != NULL) {
            fields.source.port = target->remote.port;
            fields.destination.port = target->local.port;
        }
        fields.seq = attack_guess(a, target);
        fields.ack = (fields.flags & EDIT_ACK) != 0 ? (uint32_t)rng_next(&a->chance) : 0;
    }
    world_inject(a->w, ATTACK_HOST, packet, edit_make(packet, &fields));
}

static void attack_go_on(void *context, world *w)
{
    attack *a = context;

    attack_send(a);
    if (++a->sent < a->what->count)
        (void)world_at(w, world_now(w) + a->what->every_us, attack_go_on, a);
}

bool attack_begin(attack *a)
{
    a->chance = rng_of_seed(world_now(a->w) ^ a->what->flags);
    return world_at(a->w, world_now(a->w), attack_go_on, a);
}
