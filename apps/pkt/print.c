/* print.c - options, times and events. */
#include "apps/pkt/print.h"

#include <inttypes.h>
#include <string.h>

static void print_seconds(FILE *out, int64_t time_us)
{
    char fraction[8];
    size_t digits = 6;

    (void)fprintf(out, "%" PRId64, time_us / 1000000);
    (void)snprintf(fraction, sizeof fraction, "%06u", (unsigned)(time_us % 1000000));
    while (digits > 0 && fraction[digits - 1] == '0')
        digits--;
    if (digits > 0)
        (void)fprintf(out, ".%.*s", (int)digits, fraction);
}

static void print_time(FILE *out, const pkt_time *time)
{
    bool relative = time->kind == PKT_TIME_RELATIVE || time->kind == PKT_TIME_RELATIVE_RANGE;
    const char *sign = relative ? "+" : "";

    if (time->kind == PKT_TIME_ANY) {
        (void)fputc('*', out);
        return;
    }
    (void)fputs(sign, out);
    print_seconds(out, time->at_us);
    if (time->kind == PKT_TIME_ABSOLUTE_RANGE || time->kind == PKT_TIME_RELATIVE_RANGE) {
        (void)fprintf(out, "~%s", sign);
        print_seconds(out, time->end_us);
    }
}

void pkt_print_call(FILE *out, const pkt_call *call)
{
    (void)fprintf(out, "%s(", call->name);
    for (const pkt_expr *e = call->arguments; e != NULL; e = e->next) {
        pkt_print_expression(out, e);
        if (e->next != NULL)
            (void)fputs(", ", out);
    }
    (void)fputs(") = ", out);
    pkt_print_expression(out, call->result);
    if (call->error != NULL)
        (void)fprintf(out, " %s (%s)", call->error, call->reason);
    if (call->note != NULL)
        (void)fprintf(out, " (%s)", call->note);
}

void pkt_print_event(FILE *out, const pkt_event *event)
{
    print_time(out, &event->time);
    if (event->kind == PKT_EVENT_CALL && event->call->blocks) {
        (void)fputs("...", out);
        print_seconds(out, event->call->end_us);
    }
    (void)fputc(' ', out);
    switch (event->kind) {
    case PKT_EVENT_PACKET:
        pkt_print_packet(out, event->packet);
        return;
    case PKT_EVENT_CALL:
        pkt_print_call(out, event->call);
        return;
    case PKT_EVENT_COMMAND:
        (void)fprintf(out, "`%s`", event->text);
        return;
    case PKT_EVENT_CODE:
        (void)fprintf(out, "%%{ %s }%%", event->text);
        return;
    }
}

static void print_option(FILE *out, const pkt_option *option)
{
    char quote[] = {option->quote, '\0'};

    (void)fprintf(out, "--%s", option->name);
    if (option->value != NULL)
        (void)fprintf(out, "=%s%s%s", quote, option->value, quote);
    (void)fputc('\n', out);
}

void pkt_print(FILE *out, const pkt_script *script)
{
    for (const pkt_option *o = script->options; o != NULL; o = o->next)
        if (strcmp(o->name, "define") != 0)
            print_option(out, o);
    if (script->init.text != NULL)
        (void)fprintf(out, "`%s`\n", script->init.text);
    for (const pkt_event *e = script->events; e != NULL; e = e->next) {
        pkt_print_event(out, e);
        (void)fputc('\n', out);
    }
    if (script->cleanup.text != NULL)
        (void)fprintf(out, "`%s`\n", script->cleanup.text);
}
