/* options.c - what can be set on one connection. */
#include "stack/handles.h"
#include "stack/listen.h"
#include "stack/settle.h"
#include "tcp/calls.h"
#include "tcp/settings.h"
#include "tcp/timeouts.h"
#include "tcp/transfer/nagle.h"
#include "tcp/transfer/window.h"
#include "tcp/transfer/writable.h"
#include "tern/congestion.h"
#include "tern/simulation.h"

enum { BUFFER_MAX = 1 << 30, OPTIONS_MSS_LEAST = 88 };

static tern_err options_buffer(uint32_t *limit, uint32_t value)
{
    if (value < 1 || value > BUFFER_MAX)
        return TERN_ERR_INVALID;
    *limit = value;
    return TERN_OK;
}

static tern_err options_recv_buffer(const struct engine *e, struct tcb *t, uint32_t value)
{
    tern_err err = options_buffer(&t->recv_limit, value);

    if (err == TERN_OK && t->syn_acked)
        window_round_buffer(e, t);
    return err;
}

/* A program that says how much it wants is not given more by itself (send_buffer_max_bytes). */
static tern_err options_send_buffer(struct tcb *t, uint32_t value)
{
    tern_err err = options_buffer(&t->send_limit, value);

    t->send_fixed = t->send_fixed || err == TERN_OK;
    return err;
}

static tern_err options_congestion(struct tcb *t, uint32_t value)
{
    if (tern_congestion_list(value) == NULL)
        return TERN_ERR_INVALID;
    t->congestion = (uint8_t)value;
    return TERN_OK;
}

/* A time that the 32-bit clock can tell from the past. */
static bool options_time(uint32_t value, uint32_t least)
{
    return value >= least && value <= WHEEL_AHEAD_MAX_MS;
}

/* The octets of a range that another call has checked. */
static bool options_in_range(tern_option option, uint32_t value)
{
    switch ((int)option) {
    case TERN_OPTION_KEEP_COUNT:
    case TERN_OPTION_TTL:
        return value >= 1 && value <= UINT8_MAX;
    case TERN_OPTION_TOS:
        return value <= UINT8_MAX && (value & 3) == 0;
    case TERN_OPTION_CORK:
        return true;
    case TERN_OPTION_MAX_SEGMENT:
        return value == 0 || (value >= OPTIONS_MSS_LEAST && value <= UINT16_MAX);
    case TERN_OPTION_USER_TIMEOUT_CHANGEABLE:
    case TERN_OPTION_UNSENT_LOW:
    case TERN_OPTION_MAY_FRAGMENT:
    case TERN_OPTION_PLAIN_SYN:
        return true;
    case TERN_OPTION_SYN_RETRIES:
        return value <= UINT8_MAX;
    case TERN_OPTION_SYN_GIVE_UP_MS:
    case TERN_OPTION_USER_TIMEOUT_MS:
    case TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS:
        return options_time(value, 0);
    case TERN_OPTION_LINGER_MS:
        return value == TERN_LINGER_OFF || options_time(value, 0);
    default:
        return options_time(value, 1);
    }
}

static void options_write(struct settings *own, tern_option option, uint32_t value)
{
    switch ((int)option) {
    case TERN_OPTION_USER_TIMEOUT_MS:
        own->user_timeout_ms = value;
        own->user_timeout_fixed = value != 0; /* RFC 5482 3 */
        break;
    case TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS:
        own->user_timeout_advertise_ms = value;
        break;
    case TERN_OPTION_USER_TIMEOUT_CHANGEABLE:
        own->user_timeout_fixed = value == 0;
        break;
    case TERN_OPTION_KEEP_IDLE_MS:
        own->keep_idle_ms = value;
        break;
    case TERN_OPTION_KEEP_INTERVAL_MS:
        own->keep_interval_ms = value;
        break;
    case TERN_OPTION_KEEP_COUNT:
        own->keep_count = value;
        break;
    case TERN_OPTION_TTL:
        own->ttl = (uint8_t)value;
        break;
    case TERN_OPTION_TOS:
        own->tos = (uint8_t)value;
        break;
    case TERN_OPTION_CORK:
        own->cork = value != 0;
        break;
    case TERN_OPTION_MAX_SEGMENT:
        own->mss_max = (uint16_t)value;
        break;
    case TERN_OPTION_FIN_WAIT_2_MS:
        own->fin_wait_2_ms = value;
        break;
    case TERN_OPTION_LINGER_MS:
        own->linger_ms = value;
        break;
    case TERN_OPTION_SYN_RETRIES:
        own->syn_retries = value;
        break;
    case TERN_OPTION_SYN_GIVE_UP_MS:
        own->syn_give_up_ms = value;
        break;
    case TERN_OPTION_PLAIN_SYN:
        own->plain_syn = value != 0;
        break;
    case TERN_OPTION_UNSENT_LOW:
        own->unsent_low = value;
        break;
    case TERN_OPTION_MAY_FRAGMENT:
        own->may_fragment = value != 0;
        break;
    default:
        TERN_CHECK_FAILED("an option that is not among a connection's settings");
    }
}

/* Settings that few connections have of their own. */
static tern_err options_own(tern_stack *s, struct tcb *t, tern_option option, uint32_t value)
{
    if (!options_in_range(option, value))
        return TERN_ERR_INVALID;
    struct settings *own = settings_own(&s->engine, t);
    if (own == NULL)
        return TERN_ERR_NO_RESOURCES;
    options_write(own, option, value);
    switch ((int)option) {
    case TERN_OPTION_USER_TIMEOUT_MS:
        timeouts_user_timeout(&s->engine, t);
        break;
    case TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS:
        t->user_timeout_owed = t->syn_acked && value != 0;
        t->owes |= t->user_timeout_owed && t->state != TERN_CLOSED ? OWES_ACK : 0;
        break;
    case TERN_OPTION_KEEP_IDLE_MS:
    case TERN_OPTION_KEEP_INTERVAL_MS:
    case TERN_OPTION_KEEP_COUNT:
        if (t->keepalive)
            timeouts_keepalive(&s->engine, t, true);
        break;
    case TERN_OPTION_CORK:
        t->owes |= t->send.bytes > 0 ? OWES_DATA : 0;
        break;
    case TERN_OPTION_MAX_SEGMENT:
        if (value != 0 && value < t->snd_mss)
            t->snd_mss = (uint16_t)value;
        if (value != 0 && value < t->flow.spare)
            t->flow.spare = (uint16_t)value;
        break;
    case TERN_OPTION_UNSENT_LOW:
        if (t->write_wanted)
            writable_tell(&s->engine, t);
        break;
    default:
        break;
    }
    return TERN_OK;
}

/* The first SYN has not gone out yet. */
static tern_err options_fast_open(struct tcb *t, uint32_t value)
{
    if (t->state != TERN_SYN_SENT || t->segs_out > 0)
        return TERN_ERR_INVALID;
    t->fast_option = value != 0;
    return TERN_OK;
}

/* Likewise: what was offered once has to be borne. */
static tern_err options_plain_syn(tern_stack *s, struct tcb *t, uint32_t value)
{
    if (t->state != TERN_SYN_SENT || t->segs_out > 0)
        return TERN_ERR_INVALID;
    return options_own(s, t, TERN_OPTION_PLAIN_SYN, value);
}

static tern_err options_set(tern_stack *s, struct tcb *t, tern_option option, uint32_t value)
{
    switch (option) {
    case TERN_OPTION_NODELAY:
        t->nodelay = value != 0;
        if (value != 0 && t->settings != 0)
            nagle_lets_go(&s->engine, t);
        t->owes |= value != 0 && t->send.bytes > 0 ? OWES_DATA : 0;
        return TERN_OK;
    case TERN_OPTION_SEND_BUFFER:
        return options_send_buffer(t, value);
    case TERN_OPTION_RECV_BUFFER:
        return options_recv_buffer(&s->engine, t, value);
    case TERN_OPTION_DELAYED_ACK:
        t->ack_at_once = value == 0;
        if (t->ack_at_once && tcb_timer_on(t, TIMER_DELAYED_ACK))
            t->owes |= OWES_ACK;
        return TERN_OK;
    case TERN_OPTION_CONGESTION:
        return options_congestion(t, value);
    case TERN_OPTION_KEEPALIVE:
        timeouts_keepalive(&s->engine, t, value != 0);
        return TERN_OK;
    case TERN_OPTION_FAST_OPEN:
        return options_fast_open(t, value);
    case TERN_OPTION_PLAIN_SYN:
        return options_plain_syn(s, t, value);
    case TERN_OPTION_USER_TIMEOUT_MS:
    case TERN_OPTION_KEEP_IDLE_MS:
    case TERN_OPTION_KEEP_INTERVAL_MS:
    case TERN_OPTION_KEEP_COUNT:
    case TERN_OPTION_TTL:
    case TERN_OPTION_TOS:
    case TERN_OPTION_CORK:
    case TERN_OPTION_MAX_SEGMENT:
    case TERN_OPTION_FIN_WAIT_2_MS:
    case TERN_OPTION_LINGER_MS:
    case TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS:
    case TERN_OPTION_USER_TIMEOUT_CHANGEABLE:
    case TERN_OPTION_SYN_RETRIES:
    case TERN_OPTION_SYN_GIVE_UP_MS:
    case TERN_OPTION_UNSENT_LOW:
    case TERN_OPTION_MAY_FRAGMENT:
        return options_own(s, t, option, value);
    case TERN_OPTION_DEFER_ACCEPT_MS:
    case TERN_OPTION_SAVE_SYN:
        break;
    }
    return TERN_ERR_INVALID;
}

/* What is set on a listener is for its connections. */
static tern_err options_of_listener(tern_stack *s, uint32_t listener, tern_option option,
                                    uint32_t value)
{
    struct listener *l = stack_listener(s, listener);

    if (option == TERN_OPTION_SAVE_SYN) {
        s->saving -= l->saves;
        l->saves = value != 0;
        s->saving += l->saves;
        return TERN_OK;
    }
    if (option == TERN_OPTION_PLAIN_SYN)
        return options_own(s, listen_pattern(s, listener), option, value);
    if (option != TERN_OPTION_DEFER_ACCEPT_MS)
        return options_set(s, listen_pattern(s, listener), option, value);
    if (!options_time(value, 0))
        return TERN_ERR_INVALID;
    l->defer_ms = value;
    return TERN_OK;
}

tern_err tern_option_set(tern_stack *s, tern_time now_us, tern_handle connection,
                         tern_option option, uint32_t value)
{
    uint32_t index = handles_tcb(s, connection), listener = handles_listener(s, connection);

    stack_set_time(s, now_us);
    if (listener != 0)
        return options_of_listener(s, listener, option, value);
    if (index == 0)
        return TERN_ERR_STALE;
    tern_err err = options_set(s, stack_tcb(s, index), option, value);
    settle(s, index);
    return err;
}

/* Of the options that few connections have of their own. */
static bool options_value_own(const struct settings *own, tern_option option, uint32_t *value)
{
    switch ((int)option) {
    case TERN_OPTION_USER_TIMEOUT_MS:
        *value = own->user_timeout_ms;
        return true;
    case TERN_OPTION_KEEP_IDLE_MS:
        *value = own->keep_idle_ms;
        return true;
    case TERN_OPTION_KEEP_INTERVAL_MS:
        *value = own->keep_interval_ms;
        return true;
    case TERN_OPTION_KEEP_COUNT:
        *value = own->keep_count;
        return true;
    case TERN_OPTION_TTL:
        *value = own->ttl;
        return true;
    case TERN_OPTION_TOS:
        *value = own->tos;
        return true;
    case TERN_OPTION_CORK:
        *value = own->cork;
        return true;
    case TERN_OPTION_MAX_SEGMENT:
        *value = own->mss_max;
        return true;
    case TERN_OPTION_FIN_WAIT_2_MS:
        *value = own->fin_wait_2_ms;
        return true;
    case TERN_OPTION_LINGER_MS:
        *value = own->linger_ms;
        return true;
    case TERN_OPTION_USER_TIMEOUT_ADVERTISE_MS:
        *value = own->user_timeout_advertise_ms;
        return true;
    case TERN_OPTION_USER_TIMEOUT_CHANGEABLE:
        *value = !own->user_timeout_fixed;
        return true;
    case TERN_OPTION_SYN_RETRIES:
        *value = own->syn_retries;
        return true;
    case TERN_OPTION_SYN_GIVE_UP_MS:
        *value = own->syn_give_up_ms;
        return true;
    case TERN_OPTION_PLAIN_SYN:
        *value = own->plain_syn;
        return true;
    case TERN_OPTION_UNSENT_LOW:
        *value = own->unsent_low;
        return true;
    case TERN_OPTION_MAY_FRAGMENT:
        *value = own->may_fragment;
        return true;
    default:
        return false;
    }
}

static bool options_value(const tern_stack *s, const struct tcb *t, tern_option option,
                          uint32_t *value)
{
    struct settings own = settings_of(&s->engine, t);

    switch ((int)option) {
    case TERN_OPTION_NODELAY:
        *value = t->nodelay;
        return true;
    case TERN_OPTION_FAST_OPEN:
        *value = t->fast_option;
        return true;
    case TERN_OPTION_SEND_BUFFER:
        *value = t->send_limit;
        return true;
    case TERN_OPTION_RECV_BUFFER:
        *value = t->recv_limit;
        return true;
    case TERN_OPTION_DELAYED_ACK:
        *value = !t->ack_at_once;
        return true;
    case TERN_OPTION_CONGESTION:
        *value = t->congestion;
        return true;
    case TERN_OPTION_KEEPALIVE:
        *value = t->keepalive;
        return true;
    default:
        return options_value_own(&own, option, value);
    }
}

static tern_err options_get_of_listener(const tern_stack *s, const struct listener *l,
                                        tern_option option, uint32_t *value)
{
    struct tcb fresh;

    if (option == TERN_OPTION_DEFER_ACCEPT_MS || option == TERN_OPTION_SAVE_SYN) {
        *value = option == TERN_OPTION_SAVE_SYN ? l->saves : l->defer_ms;
        return TERN_OK;
    }
    if (!l->patterned) {
        memset(&fresh, 0, sizeof fresh);
        calls_begin(&s->engine, &fresh);
    }
    bool known = options_value(s, l->patterned ? &l->pattern : &fresh, option, value);
    return known ? TERN_OK : TERN_ERR_INVALID;
}

tern_err tern_option_get(const tern_stack *s, tern_handle connection, tern_option option,
                         uint32_t *value)
{
    uint32_t index = handles_tcb(s, connection), listener = handles_listener(s, connection);

    if (listener != 0 && value != NULL)
        return options_get_of_listener(s, stack_listener(s, listener), option, value);
    if (index == 0 && listener == 0)
        return TERN_ERR_STALE;
    if (value == NULL || !options_value(s, stack_tcb(s, index), option, value))
        return TERN_ERR_INVALID;
    return TERN_OK;
}

tern_err tern_deviation_set(tern_stack *s, tern_deviation deviation, bool on)
{
    if (deviation != TERN_DEVIATION_TWO_WAY_HANDSHAKE)
        return TERN_ERR_INVALID;
    s->two_way = on;
    return TERN_OK;
}

tern_err tern_cookie_key_set(tern_stack *s, tern_time now_us, const uint8_t key[TERN_KEY_BYTES],
                             uint32_t number)
{
    struct cookie_keys *k = &s->engine.cookies;

    stack_set_time(s, now_us);
    if (key == NULL || number == 0)
        return TERN_ERR_INVALID;
    if (!k->given) /* what was made here was never shared: it verifies nothing from now on */
        k->key[0] = k->key[1] = siphash_key_read(key);
    k->key[number & 1] = siphash_key_read(key);
    k->number = number;
    k->given = true;
    return TERN_OK;
}
