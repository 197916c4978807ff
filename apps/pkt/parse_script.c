/* parse_script.c - options, the command before, timed events, the command after. */
#include "apps/pkt/option_names.h"
#include "apps/pkt/parser.h"

#include <stdlib.h>
#include <string.h>

/* ---- Options ------------------------------------------------------------------------------- */

/* The value of an option is a few tokens without a blank between them, up to the last of which
 * `end` will point: "value", A=1, A="b", 10.0.0.1. */
static bool script_is_value(const pkt_token *t)
{
    switch (t->kind) {
    case TOKEN_INTEGER:
    case TOKEN_HEX:
    case TOKEN_DECIMAL:
    case TOKEN_WORD:
    case TOKEN_STRING:
    case TOKEN_COMMAND:
    case TOKEN_IPV4:
    case TOKEN_IPV6:
        return true;
    case TOKEN_END:
    case TOKEN_WRONG:
    case TOKEN_OPTION:
    case TOKEN_CODE:
    case TOKEN_ELLIPSIS:
    case TOKEN_MARK:
        break;
    }
    return false;
}

/* The token as it can be read again: with its delimiters. */
static const char *script_spelling(pkt_parser *p)
{
    bool enclosed = p->now.kind == TOKEN_STRING || p->now.kind == TOKEN_COMMAND;

    return pkt_arena_text(&p->script->arena, p->now.at - (enclosed ? 1 : 0),
                          p->now.bytes + (enclosed ? 2 : 0));
}

/* NAME=VALUE, the '=' being the token: what NAME stands for from the next token on. */
static bool script_define(pkt_parser *p, pkt_option *option, const char *name, pkt_place place)
{
    parser_next(p);
    if (!script_is_value(&p->now))
        return parser_expected(p, N_("what the name is defined as"));
    const char *value = script_spelling(p);
    size_t name_bytes = strlen(name), value_bytes = strlen(value);
    char *both = pkt_arena_text(&p->script->arena, NULL, name_bytes + value_bytes + 1);

    if (p->script->arena.full)
        return parser_wrong(p, place, N_("there is no memory for the rest of the script"));
    memcpy(both, name, name_bytes);
    both[name_bytes] = '=';
    memcpy(both + name_bytes + 1, value, value_bytes);
    option->value = both;
    option->quote = '\0';
    if (strcmp(option->name, "define") == 0 && !pkt_lexer_define(&p->lexer, name, value))
        return parser_wrong(p, place, N_("more than 256 definitions"));
    parser_next(p);
    return true;
}

static bool script_option(pkt_parser *p, pkt_option *option)
{
    bool value_wanted = true;

    option->place = p->now.place;
    option->name = parser_text(p);
    if (!pkt_option_known(option->name, &value_wanted))
        return parser_wrong(p, option->place, N_("packetdrill has no such option"));
    if (!value_wanted || !parser_mark(p, '='))
        return !value_wanted;
    if (!script_is_value(&p->now))
        return parser_expected(p, N_("the value of the option"));
    pkt_place place = p->now.place;
    bool word = p->now.kind == TOKEN_WORD, define = strcmp(option->name, "define") == 0;
    if (p->now.kind == TOKEN_STRING || p->now.kind == TOKEN_COMMAND)
        option->quote = p->now.kind == TOKEN_STRING ? '"' : '`';
    option->value = parser_text(p);
    if (word && parser_is_mark(p, '='))
        return script_define(p, option, option->value, place);
    return !define || parser_mark(p, '=');
}

static void script_options(pkt_parser *p)
{
    pkt_option **end = &p->script->options;

    while (p->now.kind == TOKEN_OPTION) {
        pkt_option *option = pkt_arena_take(&p->script->arena, sizeof *option);
        if (!script_option(p, option))
            return;
        *end = option;
        end = &option->next;
    }
}

/* ---- Events -------------------------------------------------------------------------------- */

static bool script_time(pkt_parser *p, pkt_time *time)
{
    pkt_place place = p->now.place;

    if (parser_take_mark(p, '*')) {
        time->kind = PKT_TIME_ANY;
        return true;
    }
    bool relative = parser_take_mark(p, '+');
    time->kind = relative ? PKT_TIME_RELATIVE : PKT_TIME_ABSOLUTE;
    if (!parser_seconds(p, &time->at_us))
        return false;
    if (!parser_take_mark(p, '~'))
        return true;
    time->kind = relative ? PKT_TIME_RELATIVE_RANGE : PKT_TIME_ABSOLUTE_RANGE;
    if (relative && !parser_mark(p, '+'))
        return false;
    if (!parser_seconds(p, &time->end_us))
        return false;
    if (time->end_us < time->at_us)
        return parser_wrong(p, place, N_("this range of times ends before it begins"));
    return true;
}

static bool script_action(pkt_parser *p, pkt_event *event)
{
    event->text_place = p->now.place;
    if (parser_is_mark(p, '<') || parser_is_mark(p, '>')) {
        event->kind = PKT_EVENT_PACKET;
        event->packet = parse_packet(p);
    } else if (p->now.kind == TOKEN_COMMAND || p->now.kind == TOKEN_CODE) {
        event->kind = p->now.kind == TOKEN_CODE ? PKT_EVENT_CODE : PKT_EVENT_COMMAND;
        event->text = parser_text(p);
    } else if (p->now.kind == TOKEN_WORD || p->now.kind == TOKEN_ELLIPSIS) {
        event->kind = PKT_EVENT_CALL;
        event->call = parse_call(p);
    } else {
        return parser_expected(
            p, N_("a packet ('<' or '>'), a system call, a `command` or %{ code }%"));
    }
    return !p->failed;
}

static bool script_event(pkt_parser *p, pkt_event *event)
{
    event->place = p->now.place;
    if (!script_time(p, &event->time) || !script_action(p, event))
        return false;
    bool outbound = event->kind == PKT_EVENT_PACKET && !event->packet->inbound;
    bool exact = event->time.kind == PKT_TIME_ABSOLUTE || event->time.kind == PKT_TIME_RELATIVE;
    if (!exact && !outbound)
        return parser_wrong(p, event->place,
                            N_("only an outbound packet may come at any time or in a range"));
    return true;
}

static bool script_is_event(const pkt_parser *p)
{
    return p->now.kind == TOKEN_INTEGER || p->now.kind == TOKEN_DECIMAL || parser_is_mark(p, '+') ||
           parser_is_mark(p, '*');
}

static void script_events(pkt_parser *p)
{
    pkt_event **end = &p->script->events;

    while (script_is_event(p)) {
        pkt_event *event = pkt_arena_take(&p->script->arena, sizeof *event);
        if (p->script->event_count == PKT_STATEMENTS_MAX) {
            (void)parser_wrong(p, p->now.place, N_("more than 50000 events in one script"));
            return;
        }
        if (!script_event(p, event))
            return;
        p->script->event_count++;
        *end = event;
        end = &event->next;
    }
}

static void script_command(pkt_parser *p, pkt_command *command)
{
    if (p->now.kind != TOKEN_COMMAND)
        return;
    command->place = p->now.place;
    command->text = parser_text(p);
}

static void script_read(pkt_parser *p)
{
    parser_next(p);
    script_options(p);
    script_command(p, &p->script->init);
    if (!p->failed && !script_is_event(p))
        (void)parser_expected(p, N_("an event: a time, then what happens"));
    script_events(p);
    script_command(p, &p->script->cleanup);
    if (p->now.kind != TOKEN_END)
        (void)parser_expected(p, N_("the time of the next event"));
}

pkt_script *pkt_parse(const pkt_source *source, pkt_error *error)
{
    pkt_script *script = calloc(1, sizeof *script);
    pkt_parser *p = calloc(1, sizeof *p);

    *error = (pkt_error){.place = {1, 1}};
    if (script == NULL || p == NULL) {
        error->what = N_("there is no memory for the rest of the script");
        goto out;
    }
    *p = (pkt_parser){.script = script, .error = error};
    pkt_lexer_init(&p->lexer, source->text, source->bytes);
    script->file = pkt_arena_text(&script->arena, source->file, strlen(source->file));
    if (source->bytes > PKT_FILE_BYTES)
        (void)parser_wrong(p, p->error->place, N_("a script has at most 1 MiB"));
    for (size_t i = 0; i < source->define_count; i++)
        if (!pkt_lexer_define(&p->lexer, source->defines[i].name, source->defines[i].value))
            (void)parser_wrong(p, p->error->place, N_("more than 256 definitions"));
    if (!p->failed)
        script_read(p);
    if (script->arena.full)
        (void)parser_wrong(p, error->place, N_("there is no memory for the rest of the script"));
out:
    if (p == NULL || script == NULL || p->failed) {
        pkt_free(script);
        script = NULL;
    }
    free(p);
    return script;
}

void pkt_free(pkt_script *script)
{
    if (script == NULL)
        return;
    pkt_arena_free(&script->arena);
    free(script);
}
