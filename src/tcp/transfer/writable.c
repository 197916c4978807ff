/* writable.c - when the program is told that tern_send() takes octets again.
 *
 * Not for each octet that is acknowledged: a third of the buffer must be free, as on Linux, so that
 * what a program sees there it sees here. */
#include "tcp/transfer/writable.h"

bool writable_unsent_low(const struct engine *e, const struct tcb *t)
{
    if (t->settings == 0)
        return true;
    const struct settings *own = pool_at(e, &e->settings, t->settings);
    uint32_t low = own->unsent_low;
    return low == 0 || seq_diff(tcb_send_end(t), seq_max(t->snd_nxt, tcb_send_start(t))) < low;
}

bool writable_now(const struct engine *e, const struct tcb *t)
{
    return t->send.bytes <= t->send_limit - t->send_limit / 3 && writable_unsent_low(e, t);
}

void writable_tell(const struct engine *e, struct tcb *t)
{
    if (!writable_now(e, t))
        return;
    t->write_wanted = false;
    t->events |= TERN_EVENT_WRITABLE;
}
