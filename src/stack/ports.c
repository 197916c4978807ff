/* ports.c - local addresses and ephemeral ports. */
#include "stack/ports.h"

#include "base/bytes.h"
#include "stack/demux.h"
#include "stack/listen.h"
#include "stack/time_waits.h"

bool ports_local(const tern_stack *s, const tern_address *address, uint8_t *local)
{
    const tern_config *c = &s->engine.config;

    for (uint32_t i = 0; i < c->address_count; i++) {
        if (memcmp(&c->addresses[i], address, sizeof *address) == 0) {
            *local = (uint8_t)i;
            return true;
        }
    }
    return false;
}

bool ports_local_for(const tern_stack *s, const tern_address *remote, uint8_t *local)
{
    const tern_config *c = &s->engine.config;

    for (uint32_t i = 0; i < c->address_count; i++) {
        if (ip_is_v4(&c->addresses[i]) == ip_is_v4(remote)) {
            *local = (uint8_t)i;
            return true;
        }
    }
    return false;
}

bool ports_unicast(const tern_address *address)
{
    const uint8_t *o = address->octets;
    uint8_t any = 0;

    if (ip_is_v4(address)) /* 0/8, multicast and what is above, broadcast with it */
        return o[12] != 0 && o[12] < 224;
    for (unsigned i = 0; i < sizeof address->octets; i++)
        any |= o[i];
    return any != 0 && o[0] != 0xff;
}

/* RFC 6056 3.3.4, double hash: a peer sees ports that go up from a secret offset of its own, with
 * one of EPHEMERAL_COUNTERS counters, so that neither does a guess of one connection's port tell of
 * another's, nor is a port used again soon. Only when all are taken, one in TIME-WAIT gives way. */
bool ports_choose(tern_stack *s, struct flow *f)
{
    const tern_config *c = &s->engine.config;
    uint32_t count = (uint32_t)c->ephemeral_port_last - c->ephemeral_port_first + 1;
    uint64_t words[4] = {get_le64(f->remote.octets), get_le64(f->remote.octets + 8),
                         (uint64_t)f->local << 16 | f->remote_port, 0};
    uint32_t offset = (uint32_t)siphash_2_4_words(s->engine.key, words, 4);
    words[3] = 1;
    uint64_t which = siphash_2_4_words(s->engine.key, words, 4) % EPHEMERAL_COUNTERS;
    uint16_t *counter = &s->engine.ephemeral[which];

    uint32_t tries_max = c->time_wait_reuse == TERN_REUSE_NEVER ? count : 2 * count;

    for (uint32_t tries = 0; tries < tries_max; tries++) {
        f->local_port = (uint16_t)(c->ephemeral_port_first + (offset % count + *counter) % count);
        *counter = (uint16_t)((*counter + 1u) % count);
        uint32_t old = demux_find(s, f);
        bool free = old == 0 || (tries >= count && time_waits_give_way(s, old, false));
        if (free && listen_find(s, f->local, f->local_port) == 0)
            return true;
    }
    return false;
}
