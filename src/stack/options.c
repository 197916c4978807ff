/* options.c - what can be set on one connection. */
#include "stack/handles.h"
#include "stack/settle.h"
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

tern_err tern_option_set(tern_stack *s, tern_time now_us, tern_handle connection,
                         tern_option option, uint32_t value)
{
    uint32_t index = handles_tcb(s, connection);
    tern_err err = TERN_OK;

    stack_set_time(s, now_us);
    if (index == 0)
        return TERN_ERR_STALE;
    struct tcb *t = stack_tcb(s, index);
    switch (option) {
    case TERN_OPTION_NODELAY:
        t->nodelay = value != 0;
        t->owes |= value != 0 && t->send.bytes > 0 ? OWES_DATA : 0;
        break;
    case TERN_OPTION_SEND_BUFFER:
        err = options_buffer(&t->send_limit, value);
        break;
    case TERN_OPTION_RECV_BUFFER:
        err = options_buffer(&t->recv_limit, value);
        break;
    case TERN_OPTION_USER_TIMEOUT_MS:
        if (value > WHEEL_AHEAD_MAX_MS) /* more than the clock can tell from the past */
            err = TERN_ERR_INVALID;
        else
            t->user_timeout_ms = value;
        break;
    case TERN_OPTION_DELAYED_ACK:
        t->ack_at_once = value == 0;
        break;
    case TERN_OPTION_CONGESTION:
        err = options_congestion(t, value);
        break;
    default:
        err = TERN_ERR_INVALID;
    }
    settle(s, index);
    return err;
}

tern_err tern_option_get(const tern_stack *s, tern_handle connection, tern_option option,
                         uint32_t *value)
{
    uint32_t index = handles_tcb(s, connection);

    if (index == 0)
        return TERN_ERR_STALE;
    if (value == NULL)
        return TERN_ERR_INVALID;
    const struct tcb *t = stack_tcb(s, index);
    switch (option) {
    case TERN_OPTION_NODELAY:
        *value = t->nodelay;
        return TERN_OK;
    case TERN_OPTION_SEND_BUFFER:
        *value = t->send_limit;
        return TERN_OK;
    case TERN_OPTION_RECV_BUFFER:
        *value = t->recv_limit;
        return TERN_OK;
    case TERN_OPTION_USER_TIMEOUT_MS:
        *value = t->user_timeout_ms;
        return TERN_OK;
    case TERN_OPTION_DELAYED_ACK:
        *value = !t->ack_at_once;
        return TERN_OK;
    case TERN_OPTION_CONGESTION:
        *value = t->congestion;
        return TERN_OK;
    }
    return TERN_ERR_INVALID;
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
