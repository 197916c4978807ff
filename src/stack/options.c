/* options.c - what can be set on one connection. */
#include "stack/handles.h"
#include "stack/settle.h"
#include "tcp/settings.h"
#include "tcp/timeouts.h"
#include "tern/congestion.h"

enum { BUFFER_MAX = 1 << 30 };

static tern_err options_buffer(uint32_t *limit, uint32_t value)
{
    if (value < 1 || value > BUFFER_MAX)
        return TERN_ERR_INVALID;
    *limit = value;
    return TERN_OK;
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

/* Settings that few connections have of their own. */
static tern_err options_own(tern_stack *s, struct tcb *t, tern_option option, uint32_t value)
{
    bool count = option == TERN_OPTION_KEEP_COUNT;
    bool timeout = option == TERN_OPTION_USER_TIMEOUT_MS;

    if (count ? value < 1 || value > UINT8_MAX : !options_time(value, timeout ? 0 : 1))
        return TERN_ERR_INVALID;
    struct settings *own = settings_own(&s->engine, t);
    if (own == NULL)
        return TERN_ERR_NO_RESOURCES;
    if (timeout)
        own->user_timeout_ms = value;
    else if (option == TERN_OPTION_KEEP_IDLE_MS)
        own->keep_idle_ms = value;
    else if (option == TERN_OPTION_KEEP_INTERVAL_MS)
        own->keep_interval_ms = value;
    else
        own->keep_count = value;
    if (timeout)
        timeouts_user_timeout(&s->engine, t);
    else if (t->keepalive)
        timeouts_keepalive(&s->engine, t, true);
    return TERN_OK;
}

static tern_err options_set(tern_stack *s, struct tcb *t, tern_option option, uint32_t value)
{
    switch (option) {
    case TERN_OPTION_NODELAY:
        t->nodelay = value != 0;
        t->owes |= value != 0 && t->send.bytes > 0 ? OWES_DATA : 0;
        return TERN_OK;
    case TERN_OPTION_SEND_BUFFER:
        return options_buffer(&t->send_limit, value);
    case TERN_OPTION_RECV_BUFFER:
        return options_buffer(&t->recv_limit, value);
    case TERN_OPTION_DELAYED_ACK:
        t->ack_at_once = value == 0;
        return TERN_OK;
    case TERN_OPTION_CONGESTION:
        return options_congestion(t, value);
    case TERN_OPTION_KEEPALIVE:
        timeouts_keepalive(&s->engine, t, value != 0);
        return TERN_OK;
    case TERN_OPTION_USER_TIMEOUT_MS:
    case TERN_OPTION_KEEP_IDLE_MS:
    case TERN_OPTION_KEEP_INTERVAL_MS:
    case TERN_OPTION_KEEP_COUNT:
        return options_own(s, t, option, value);
    }
    return TERN_ERR_INVALID;
}

tern_err tern_option_set(tern_stack *s, tern_time now_us, tern_handle connection,
                         tern_option option, uint32_t value)
{
    uint32_t index = handles_tcb(s, connection);

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    tern_err err = options_set(s, stack_tcb(s, index), option, value);
    settle(s, index);
    return err;
}

static bool options_value(const tern_stack *s, const struct tcb *t, tern_option option,
                          uint32_t *value)
{
    struct settings own = settings_of(&s->engine, t);

    switch (option) {
    case TERN_OPTION_NODELAY:
        *value = t->nodelay;
        return true;
    case TERN_OPTION_SEND_BUFFER:
        *value = t->send_limit;
        return true;
    case TERN_OPTION_RECV_BUFFER:
        *value = t->recv_limit;
        return true;
    case TERN_OPTION_USER_TIMEOUT_MS:
        *value = own.user_timeout_ms;
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
    case TERN_OPTION_KEEP_IDLE_MS:
        *value = own.keep_idle_ms;
        return true;
    case TERN_OPTION_KEEP_INTERVAL_MS:
        *value = own.keep_interval_ms;
        return true;
    case TERN_OPTION_KEEP_COUNT:
        *value = own.keep_count;
        return true;
    }
    return false;
}

tern_err tern_option_get(const tern_stack *s, tern_handle connection, tern_option option,
                         uint32_t *value)
{
    uint32_t index = handles_tcb(s, connection);

    if (index == 0)
        return TERN_ERR_STALE;
    if (value == NULL || !options_value(s, stack_tcb(s, index), option, value))
        return TERN_ERR_INVALID;
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
