/* drill_one.c - one script, read, run in virtual time, and what came of it.
 *
 * A run is the same each time. So no packet is recorded while all is well; a script that fails is
 * run once more with somebody who looks on and draws. */
#define _GNU_SOURCE
#include "apps/tern/drill_one.h"

#include "apps/pkt/print.h"
#include "apps/tern/i18n.h"
#include "apps/tern/picture.h"
#include "draw/ladder.h"
#include "draw/ladder_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ONE_ROWS_HEAD = 3, ONE_ROWS_LAST = 40, ONE_CALL_BYTES = 160 };

const char *drill_end_name(drill_end end)
{
    static const char *const names[DRILL_ENDS] = {
        [DRILL_END_PASS] = "pass",
        [DRILL_END_FAIL] = "fail",
        [DRILL_END_UNSUPPORTED] = "unsupported",
        [DRILL_END_ERROR] = "error",
        [DRILL_END_NO_TEXT] = "unreadable",
        [DRILL_END_NO_SCRIPT] = "no script",
        [DRILL_END_TWICE] = "the same",
    };
    return names[end];
}

void drill_parse_text(const pkt_error *e, char *text, size_t cap_bytes)
{
    if (!e->expected)
        (void)snprintf(text, cap_bytes, "%s", _(e->what));
    else
        (void)snprintf(text, cap_bytes, _("expected %s%s%s, found %s"), e->sign ? "'" : "",
                       e->sign ? e->what : _(e->what), e->sign ? "'" : "",
                       e->found[0] != '\0' ? e->found : _("the end of the script"));
}

/* ---- The picture ---------------------------------------------------------------------------- */

typedef struct one_picture {
    ladder *ladder;
    uint64_t serial;
} one_picture;

static void one_packet(void *context, tern_time at_us, bool inbound, const uint8_t *octets,
                       size_t bytes)
{
    one_picture *p = context;
    ladder_packet packet = {.serial = ++p->serial,
                            .from = inbound ? LADDER_LEFT : LADDER_RIGHT,
                            .time_us = at_us,
                            .octets = octets,
                            .bytes = bytes};

    ladder_sent(p->ladder, &packet);
    ladder_arrived(p->ladder, packet.serial, at_us, 0);
}

static void one_traced(void *context, tern_time at_us, const tern_trace *trace)
{
    const one_picture *p = context;

    if (trace->kind == TERN_TRACE_SEGMENT)
        return;
    if (trace->kind == TERN_TRACE_RULE)
        ladder_rule(p->ladder, LADDER_RIGHT, at_us, trace->rule);
    else
        ladder_state(p->ladder, &(ladder_change){LADDER_RIGHT, at_us, trace->from, trace->to,
                                                 tern_cause_name(trace->cause)});
}

static void one_called(void *context, tern_time at_us, const pkt_call *call)
{
    const one_picture *p = context;
    char text[ONE_CALL_BYTES];
    FILE *out = fmemopen(text, sizeof text, "w");

    if (out == NULL)
        return;
    pkt_print_call(out, call);
    (void)fclose(out);
    text[sizeof text - 1] = '\0';
    ladder_note(p->ladder, LADDER_RIGHT, at_us, LADDER_CALL, text);
}

/* The head of a drawing and its last rows. Returns text, or a copy in its place. */
static char *one_cut(char *text)
{
    size_t rows = 0, skip;
    char *at = text, *head_end = text;

    for (const char *c = text; *c != '\0'; c++)
        rows += *c == '\n' ? 1 : 0;
    if (rows <= ONE_ROWS_HEAD + ONE_ROWS_LAST)
        return text;
    skip = rows - ONE_ROWS_LAST;
    for (size_t row = 0; row < skip; row++) {
        at = strchr(at, '\n') + 1;
        if (row + 1 == ONE_ROWS_HEAD)
            head_end = at;
    }
    (void)memmove(head_end, at, strlen(at) + 1);
    return text;
}

/* Runs it again, and draws. NULL: no memory. */
static char *one_draw(const pkt_script *script, const drill_options *as, const drill_how *how)
{
    drill_options options = *as;
    drill_verdict verdict;
    char *text = NULL;
    size_t bytes = 0;
    ladder_party peer = {_("script"), "packets", {.port = 0}, TERN_STATES};
    ladder_party tern = {"tern", "tern", {.port = 0}, TERN_STATES};
    one_picture p = {.ladder = ladder_new(&peer, &tern)};
    drill_observer observer = {&p, one_packet, one_traced, one_called};
    FILE *out = open_memstream(&text, &bytes);

    if (p.ladder != NULL && out != NULL) {
        draw_style style = picture_style(stdout);
        style.width = how->columns;
        style.ascii = how->ascii;
        style.colour = how->colour;
        options.observer = &observer;
        drill_play(script, &options, &verdict);
        ladder_text_print(p.ladder, out, &style);
    }
    if (out != NULL)
        (void)fclose(out);
    ladder_free(p.ladder);
    return text != NULL ? one_cut(text) : NULL;
}

/* ---- The run -------------------------------------------------------------------------------- */

/* The line of a text, without what is white in front. */
static char *one_line(const char *text, size_t bytes, uint32_t number)
{
    const char *at = text, *end = text + bytes;

    for (uint32_t line = 1; line < number && at != NULL; line++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at != NULL ? at + 1 : NULL;
    }
    if (number == 0 || at == NULL || at >= end)
        return NULL;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    return strndup(at, stop != NULL ? (size_t)(stop - at) : (size_t)(end - at));
}

static bool one_names_addresses(const pkt_script *script)
{
    for (const pkt_option *o = script->options; o != NULL; o = o->next)
        if (strcmp(o->name, "ip_version") == 0)
            return true;
    return false;
}

static void one_reached(void *context, tern_time at_us, const tern_trace *trace)
{
    (void)at_us;
    coverage_note(context, trace);
}

static void one_run(const pkt_script *script, const drill_work *work, const drill_how *how,
                    drill_result *result)
{
    static const drill_end ends[] = {[DRILL_PASS] = DRILL_END_PASS,
                                     [DRILL_FAIL] = DRILL_END_FAIL,
                                     [DRILL_UNSUPPORTED] = DRILL_END_UNSUPPORTED,
                                     [DRILL_ERROR] = DRILL_END_ERROR};
    drill_observer counter = {.context = &result->reached, .traced = one_reached};
    drill_options options = {.config = how->config,
                             .profile_given = how->behaviour->profile_given,
                             .set = how->behaviour->set,
                             .sets = how->behaviour->sets,
                             .family = work->family,
                             .python = "python3",
                             .leftovers = how->leftovers,
                             .flags = how->flags,
                             .observer = &counter,
                             .arena = how->arena};
    drill_verdict verdict;

    if (!work->alone && work->family != DRILL_IPV4 && one_names_addresses(script)) {
        result->end = DRILL_END_TWICE;
        return;
    }
    result->reached.runs = 1;
    drill_play(script, &options, &verdict);
    result->end = ends[verdict.outcome];
    result->place = verdict.place;
    result->rule = verdict.rule;
    result->at_us = verdict.at_us;
    (void)memcpy(result->text, verdict.text, sizeof result->text);
    if (verdict.outcome == DRILL_FAIL)
        result->picture = one_draw(script, &options, how);
}

void drill_one(const drill_work *work, const drill_how *how, drill_result *result)
{
    FILE *in = fopen(work->path, "r");
    char *text = malloc(PKT_FILE_BYTES + 1);
    pkt_error error;
    size_t bytes = in != NULL && text != NULL ? fread(text, 1, PKT_FILE_BYTES + 1, in) : 0;

    *result = (drill_result){.end = DRILL_END_NO_TEXT, .rule = TERN_RULE_NONE};
    if (in == NULL || text == NULL || ferror(in) != 0) {
        (void)snprintf(result->text, sizeof result->text, "%s", strerror(errno));
    } else {
        pkt_source source = {work->path, text, bytes, how->defines, how->define_count};
        pkt_script *script = pkt_parse(&source, &error);
        if (script == NULL) {
            result->end = DRILL_END_NO_SCRIPT;
            result->place = error.place;
            drill_parse_text(&error, result->text, sizeof result->text);
        } else {
            one_run(script, work, how, result);
        }
        if (result->end != DRILL_END_PASS && result->end != DRILL_END_TWICE)
            result->line = one_line(text, bytes, result->place.line);
        pkt_free(script);
    }
    if (in != NULL)
        (void)fclose(in);
    free(text);
}

void drill_result_clear(drill_result *result)
{
    free(result->line);
    free(result->picture);
    result->line = result->picture = NULL;
}
