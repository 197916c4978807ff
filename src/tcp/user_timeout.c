/* user_timeout.c - the User Timeout Option (RFC 5482).
 *
 * The option is advice, and nothing acknowledges it: it goes with our SYN or SYN,ACK, and again
 * with the first segment after the handshake, because the SYN's may have met a SYN cookie. What
 * comes is bounded by the configuration, so that no peer makes us wait for ever, nor give up at
 * once. */
#include "tcp/user_timeout.h"

#include "tcp/settings.h"
#include "tcp/timeouts.h"

enum { MINUTES = 0x8000, VALUE_MASK = 0x7fff, SECOND_MS = 1000, MINUTE_MS = 60000 };

bool user_timeout_enabled(const struct engine *e, const struct tcb *t)
{
    return settings_of(e, t).user_timeout_advertise_ms != 0;
}

uint16_t user_timeout_field(uint32_t ms)
{
    uint32_t seconds = ms / SECOND_MS + (ms % SECOND_MS != 0);

    if (seconds <= VALUE_MASK)
        return (uint16_t)seconds;
    uint32_t minutes = ms / MINUTE_MS + (ms % MINUTE_MS != 0);
    return (uint16_t)(MINUTES | (minutes < VALUE_MASK ? minutes : VALUE_MASK));
}

void user_timeout_plan(struct engine *e, const struct tcb *t, struct packet_plan *plan)
{
    uint32_t ms = settings_of(e, t).user_timeout_advertise_ms;

    if (ms == 0)
        return;
    RULE_HIT(e, &t->flow, USER_TIMEOUT_SENT);
    plan->options.has_user_timeout = true;
    plan->options.user_timeout = user_timeout_field(ms);
}

/* REMOTE_UTO. */
static uint32_t user_timeout_ms(uint16_t field)
{
    uint32_t value = field & VALUE_MASK;

    return value * ((field & MINUTES) != 0 ? MINUTE_MS : SECOND_MS);
}

void user_timeout_arrives(struct engine *e, struct tcb *t, const struct segment *s)
{
    struct settings now = settings_of(e, t);
    uint32_t remote_ms = user_timeout_ms(s->options.user_timeout);
    uint32_t least_ms = e->config.user_timeout_least_ms;
    uint32_t most_ms = e->config.user_timeout_most_ms;

    if (now.user_timeout_advertise_ms == 0 || now.user_timeout_fixed || remote_ms == 0) {
        RULE_HIT(e, &t->flow, USER_TIMEOUT_IGNORED);
        return;
    }
    struct settings *own = settings_own(e, t);
    if (own == NULL) { /* advice, for which there is no room */
        RULE_HIT(e, &t->flow, USER_TIMEOUT_IGNORED);
        return;
    }
    uint32_t ms = now.user_timeout_advertise_ms;
    ms = ms > remote_ms ? ms : remote_ms;
    ms = ms > least_ms ? ms : least_ms;
    own->user_timeout_ms = ms < most_ms ? ms : most_ms;
    RULE_HIT(e, &t->flow, USER_TIMEOUT_ADOPTED);
    timeouts_user_timeout(e, t);
}
