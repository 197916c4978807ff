/* calls.c - a call of the script: made, and its result compared. */
#define _GNU_SOURCE
#include "apps/drill/calls.h"

#include "apps/pkt/symbols.h"
#include "apps/tern/i18n.h"

#include <string.h>

static const calls_entry *calls_find(const char *name)
{
    static const calls_entry *const tables[] = {calls_of_sockets, calls_of_transfer,
                                                calls_of_options, calls_of_readiness};

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const calls_entry *e = tables[i]; e->name != NULL; e++)
            if (strcmp(e->name, name) == 0)
                return e;
    return NULL;
}

/* A descriptor that the call made has the number that the script gives it. */
static bool calls_name_descriptor(runner *r, const pkt_call *call, int64_t wanted, int64_t result)
{
    if (wanted < 0 || wanted >= RUNNER_DESCRIPTORS) {
        runner_verdict(r, DRILL_UNSUPPORTED, call->place, N_("the descriptor %lld"),
                       (long long)wanted);
        return false;
    }
    r->live[wanted] = (int)result;
    return true;
}

static void calls_compare_error(runner *r, const pkt_call *call, int64_t result)
{
    int64_t number;

    if (!pkt_symbol(call->error, &number)) {
        runner_verdict(r, DRILL_UNSUPPORTED, call->place, N_("the error %s is unknown"),
                       call->error);
        return;
    }
    if (result == -number)
        return;
    if (result >= 0)
        runner_verdict(r, DRILL_FAIL, call->place,
                       N_("%s() = -1 %s expected, but it returned %lld"), call->name, call->error,
                       (long long)result);
    else
        runner_verdict(r, DRILL_FAIL, call->place,
                       N_("%s() = -1 %s expected, but its errno was %s"), call->name, call->error,
                       strerrorname_np((int)-result));
}

static void calls_compare(runner *r, const calls_entry *entry, const pkt_call *call, int64_t result)
{
    arguments a = {r, call};
    int64_t wanted;

    if (call->result == NULL || call->result->kind == PKT_ELLIPSIS)
        return;
    if (!argument_value(&a, call->result, &wanted))
        return;
    if (wanted == -1 && call->error != NULL) {
        calls_compare_error(r, call, result);
        return;
    }
    if (wanted == -1 && result < 0) /* whatever the error is */
        return;
    if (entry->descriptor && wanted >= 0 && result >= 0) {
        (void)calls_name_descriptor(r, call, wanted, result);
        return;
    }
    if (result < 0)
        runner_verdict(r, DRILL_FAIL, call->place, N_("%s() = %lld expected, but its errno was %s"),
                       call->name, (long long)wanted, strerrorname_np((int)-result));
    else if (result != wanted)
        runner_verdict(r, DRILL_FAIL, call->place, N_("%s() = %lld expected, but it returned %lld"),
                       call->name, (long long)wanted, (long long)result);
}

/* A call that blocks has its end in the script too. */
static void calls_compare_end(runner *r, const pkt_event *event, int64_t begun_us)
{
    const pkt_call *call = event->call;
    int64_t end_us = call->end_us, now_us = runner_now_us(r);

    if (event->time.kind == PKT_TIME_RELATIVE)
        end_us += begun_us - event->time.at_us;
    int64_t off_us = now_us > end_us ? now_us - end_us : end_us - now_us;
    if (off_us <= r->tolerance_us ||
        (double)off_us <= (double)(end_us - begun_us) * r->tolerance_percent / 100)
        return;
    runner_verdict(r, DRILL_FAIL, call->place,
                   N_("%s() expected to return at %.6f s, but at %.6f s"), call->name,
                   (double)end_us / 1e6, (double)now_us / 1e6);
}

void calls_event(runner *r, const pkt_event *event)
{
    const pkt_call *call = event->call;
    const calls_entry *entry = calls_find(call->name);
    arguments a = {r, call};
    int64_t result = 0, begun_us = r->call_us;

    if (entry == NULL) {
        runner_verdict(r, DRILL_UNSUPPORTED, call->place, N_("the call %s()"), call->name);
        return;
    }
    int64_t before_us = runner_now_us(r);
    if (!entry->function(&a, &result))
        return;
    subject_settle(&r->subject);
    if (call->blocks)
        calls_compare_end(r, event, begun_us);
    else if (runner_now_us(r) > before_us + r->tolerance_us)
        runner_verdict(r, DRILL_FAIL, call->place,
                       N_("%s() was not to wait, but returned at %.6f s"), call->name,
                       (double)runner_now_us(r) / 1e6);
    calls_compare(r, entry, call, result);
}
