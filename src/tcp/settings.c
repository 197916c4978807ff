/* settings.c - what a connection has of its own where the configuration is not enough. */
#include "tcp/settings.h"

struct settings *settings_own(struct engine *e, struct tcb *t)
{
    if (t->settings == 0) {
        struct settings now = settings_of(e, t);
        uint32_t index = pool_take(e, &e->settings);
        if (index == 0)
            return NULL;
        t->settings = index;
        *(struct settings *)pool_at(e, &e->settings, index) = now;
    }
    return pool_at(e, &e->settings, t->settings);
}

void settings_end(struct engine *e, struct tcb *t)
{
    if (t->settings != 0)
        pool_give(e, &e->settings, t->settings);
    t->settings = 0;
}
