/* verdict.c - what was found, once, and when. */
#include "apps/drill/runner.h"
#include "apps/tern/i18n.h"

#include <stdarg.h>
#include <stdio.h>

void runner_verdict(runner *r, drill_outcome outcome, pkt_place place, const char *format, ...)
{
    va_list arguments;

    if (r->over)
        return;
    r->over = true;
    r->verdict->outcome = outcome;
    r->verdict->place = place;
    r->verdict->at_us = (tern_time)runner_now_us(r);
    va_start(arguments, format);
    (void)vsnprintf(r->verdict->text, sizeof r->verdict->text, _(format), arguments);
    va_end(arguments);
}

int64_t runner_now_us(const runner *r)
{
    return (int64_t)(r->subject.now_us - r->start_us);
}
