/* run.c - the order of a script: its events, one after the other, each at its time.
 *
 * A call that blocks is waited for by the socket layer, which asks for more to happen: then the
 * events that follow are done inside it (run_wait()), but for calls, whose turn comes when this
 * one has returned. */
#include "apps/drill/python.h"
#include "apps/drill/sysctls.h"
#include "apps/tern/i18n.h"

#include "draw/teaching.h"

#include <stdlib.h>

#define RUN_START_US     UINT64_C(1000000000)  /* a clock that is not at 0 */
#define RUN_CAP_US       INT64_C(360000000000) /* a hundred hours of virtual time */
#define RUN_LEFT_US      INT64_C(10000)        /* for what is left over at the end */
#define RUN_TOLERANCE_US INT64_C(4000)

void runner_connects(runner *r, int fd)
{
    subject_packet *packet;

    if (tern_sockets_handle(r->subject.table, fd).generation != 0)
        return;
    while ((packet = subject_take(&r->subject)) != NULL) /* a SYN of before is not that one's */
        free(packet);
    r->flow = (runner_flow){.connecting = true, .remote = r->remote};
    r->descriptor = fd;
}

/* ---- Who looks on -------------------------------------------------------------------------- */

static void run_packet(void *context, bool inbound, const uint8_t *octets, size_t bytes)
{
    const runner *r = context;
    const drill_observer *o = r->options.observer;

    if (o != NULL && o->packet != NULL)
        o->packet(o->context, (tern_time)runner_now_us(r), inbound, octets, bytes);
}

static void run_traced(void *context, const tern_trace *trace)
{
    runner *r = context;
    const drill_observer *o = r->options.observer;

    if (!r->over && trace->kind == TERN_TRACE_RULE && teaching_rule(trace->rule))
        r->verdict->rule = trace->rule;
    if (o != NULL && o->traced != NULL)
        o->traced(o->context, (tern_time)runner_now_us(r), trace);
}

/* ---- Time ---------------------------------------------------------------------------------- */

static bool run_is_inbound(const pkt_event *event)
{
    return event != NULL && event->kind == PKT_EVENT_PACKET && event->packet->inbound;
}

/* From where a relative time counts: when the event before really happened; between two inbound
 * packets from where the script has the first, so that errors do not add up. */
static int64_t run_base_us(const runner *r, const pkt_event *event)
{
    if (r->last == NULL)
        return 0;
    return run_is_inbound(r->last) && run_is_inbound(event) ? r->last_script_us : r->last_us;
}

int64_t runner_due_us(const runner *r, const pkt_event *event, int64_t *end_us)
{
    int64_t base_us = run_base_us(r, event);

    switch (event->time.kind) {
    case PKT_TIME_ABSOLUTE:
        *end_us = event->time.at_us;
        return event->time.at_us;
    case PKT_TIME_ABSOLUTE_RANGE:
        *end_us = event->time.end_us;
        return event->time.at_us;
    case PKT_TIME_RELATIVE:
        *end_us = base_us + event->time.at_us;
        return *end_us;
    case PKT_TIME_RELATIVE_RANGE:
        *end_us = base_us + event->time.end_us;
        return base_us + event->time.at_us;
    case PKT_TIME_ANY:
        break;
    }
    *end_us = base_us;
    return base_us;
}

bool runner_on_time(runner *r, const pkt_event *event, int64_t actual_us, const char *what)
{
    int64_t end_us, due_us = runner_due_us(r, event, &end_us), tolerance_us = r->tolerance_us;
    double waited_us = (double)(due_us - r->last_us);

    if (event->time.kind == PKT_TIME_ANY)
        return true;
    if (waited_us * r->tolerance_percent / 100 > (double)tolerance_us)
        tolerance_us = (int64_t)(waited_us * r->tolerance_percent / 100);
    if (actual_us >= due_us - tolerance_us && actual_us <= end_us + tolerance_us)
        return true;
    if (end_us != due_us)
        runner_verdict(r, DRILL_FAIL, event->place,
                       N_("%s expected between %.6f and %.6f s, but at %.6f s"), what,
                       (double)due_us / 1e6, (double)end_us / 1e6, (double)actual_us / 1e6);
    else
        runner_verdict(r, DRILL_FAIL, event->place, N_("%s expected at %.6f s, but at %.6f s"),
                       what, (double)due_us / 1e6, (double)actual_us / 1e6);
    return false;
}

/* ---- Events -------------------------------------------------------------------------------- */

/* The event has happened, now or when its packet was sent. */
static void run_done(runner *r, const pkt_event *event, int64_t script_us)
{
    r->last = event;
    r->last_script_us = script_us;
    r->last_us = runner_now_us(r);
    if (runner_now_us(r) > RUN_CAP_US || r->subject.exhausted)
        runner_verdict(r, DRILL_ERROR, event->place, N_("the script runs for too long"));
}

/* Any event but a call. */
static void run_other(runner *r, const pkt_event *event)
{
    int64_t end_us, due_us = runner_due_us(r, event, &end_us);

    switch (event->kind) {
    case PKT_EVENT_PACKET:
        if (event->packet->inbound)
            inbound_packet(r, event);
        else
            outbound_packet(r, event);
        break;
    case PKT_EVENT_COMMAND:
        if (commands_run(r, event->text_place, event->text))
            (void)sysctls_take_effect(r, event->text_place);
        break;
    case PKT_EVENT_CODE:
        code_event(r, event);
        break;
    case PKT_EVENT_CALL:
        break;
    }
    run_done(r, event, due_us);
}

/* A call that blocks is done, for the times of what follows, when it has begun. */
static void run_call(runner *r, const pkt_event *event, int64_t due_us)
{
    const drill_observer *o = r->options.observer;

    if (!runner_on_time(r, event, runner_now_us(r), N_("the call")))
        return;
    r->call_us = due_us;
    run_done(r, event, due_us);
    if (o != NULL && o->called != NULL)
        o->called(o->context, (tern_time)runner_now_us(r), event->call);
    calls_event(r, event);
    if (!event->call->blocks)
        run_done(r, event, due_us);
}

static bool run_is_outbound(const pkt_event *event)
{
    return event->kind == PKT_EVENT_PACKET && !event->packet->inbound;
}

/* A call waits (subject.h): the events after it happen meanwhile. */
static bool run_wait(void *context, tern_time until_us)
{
    runner *r = context;
    uint64_t events = r->subject.events;
    tern_time cap_us = r->start_us + (tern_time)RUN_CAP_US;
    tern_time limit_us = until_us < cap_us ? until_us : cap_us;

    while (!r->over && !r->subject.exhausted && r->subject.events == events) {
        const pkt_event *event = r->event;
        int64_t end_us;
        bool ours = event != NULL && event->kind != PKT_EVENT_CALL;
        tern_time due_us = ours ? r->start_us + (tern_time)runner_due_us(r, event, &end_us)
                                : TERN_NEVER;
        if (due_us > limit_us) {
            subject_pass(&r->subject, limit_us, UNTIL_EVENT);
            return r->subject.events != events || r->subject.now_us < cap_us;
        }
        if (!run_is_outbound(event))
            subject_pass(&r->subject, due_us, UNTIL_EVENT);
        if (r->subject.events != events)
            break;
        r->event = event->next;
        run_other(r, event);
    }
    return !r->over && !r->subject.exhausted;
}

static void run_events(runner *r)
{
    while (!r->over && r->event != NULL) {
        const pkt_event *event = r->event;
        int64_t end_us, due_us = runner_due_us(r, event, &end_us);
        if (!run_is_outbound(event)) /* those are looked for before their time */
            subject_pass(&r->subject, r->start_us + (tern_time)due_us, UNTIL_TIME);
        r->event = event->next;
        if (event->kind != PKT_EVENT_CALL) {
            run_other(r, event);
            continue;
        }
        run_call(r, event, due_us);
    }
}

/* Packetdrill ends here; tern also asks whether the stack has sent what nobody expected. */
static void run_leftovers(runner *r)
{
    datagram_view view;

    if (r->over || r->last == NULL || r->options.leftovers)
        return;
    subject_pass(&r->subject, r->subject.now_us + (tern_time)RUN_LEFT_US, UNTIL_TIME);
    subject_packet *packet = outbound_take(r, &view);
    if (packet != NULL)
        runner_verdict(
            r, DRILL_FAIL, r->last->place,
            N_("a packet is left over at the end: flags 0x%x, %u octets of data, sent at "
               "%.6f s"),
            view.flags, (unsigned)view.text_bytes, (double)(packet->sent_us - r->start_us) / 1e6);
    free(packet);
}

void drill_play(const pkt_script *script, const drill_options *options, drill_verdict *verdict)
{
    const char *why = NULL;
    runner r = {.script = script,
                .options = *options,
                .verdict = verdict,
                .event = script->events,
                .start_us = RUN_START_US,
                .tolerance_us = RUN_TOLERANCE_US,
                .next_remote_port = 40000,
                .descriptor = -1,
                .subject = {.arena = options->arena,
                            .now_us = RUN_START_US,
                            .wait = run_wait,
                            .packet = run_packet,
                            .traced = run_traced}};

    *verdict = (drill_verdict){.outcome = DRILL_PASS, .rule = TERN_RULE_NONE};
    r.subject.context = &r;
    for (int i = 0; i < RUNNER_DESCRIPTORS; i++)
        r.live[i] = -1;
    if (!settings_of_script(&r))
        return;
    if (!subject_begin(&r.subject, &r.options.config, &why)) {
        runner_verdict(&r, why != NULL ? DRILL_UNSUPPORTED : DRILL_ERROR, (pkt_place){1, 1},
                       N_("no stack of this configuration: %s"), why != NULL ? why : "no memory");
    } else if (sysctls_take_effect(&r, (pkt_place){1, 1})) {
        run_events(&r);
        python_run(&r);
        run_leftovers(&r);
    }
    python_end(&r);
    if (r.subject.stack != NULL)
        subject_end(&r.subject);
}
