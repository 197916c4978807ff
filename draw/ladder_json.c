/* ladder_json.c - a recording as JSON lines: one object for each event, in the order of time.
 *
 * Strings are written as UTF-8, with what RFC 8259 7 asks to be escaped escaped; octets that are
 * not UTF-8 become U+FFFD, so that every line can be read. */
#include "draw/ladder_json.h"

#include <string.h>

#include "draw/columns.h"
#include "draw/ladder_events.h"
#include "draw/packet_icmp.h"
#include "tern/status.h"
#include "wire/tcp_header.h"

/* An object while it is written: is a comma due? */
typedef struct json_object {
    FILE *out;
    const draw_style *style;
    bool comma;
} json_object;

static void json_string(FILE *out, const char *text)
{
    size_t bytes = strlen(text);

    fputc('"', out);
    for (size_t at = 0; at < bytes;) {
        uint32_t c;
        size_t length = columns_decode(text + at, bytes - at, &c);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (char)c);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\u%04x", c);
        else if (c == 0xfffd)
            fputs("\\ufffd", out);
        else
            fwrite(text + at, 1, length, out);
        at += length;
    }
    fputc('"', out);
}

static void json_key(json_object *o, const char *key)
{
    if (o->comma)
        fputc(',', o->out);
    o->comma = true;
    json_string(o->out, key);
    fputc(':', o->out);
}

static void json_text(json_object *o, const char *key, const char *value)
{
    json_key(o, key);
    json_string(o->out, value);
}

static void json_number(json_object *o, const char *key, uint64_t value)
{
    json_key(o, key);
    fprintf(o->out, "%llu", (unsigned long long)value);
}

static void json_true_or_false(json_object *o, const char *key, bool value)
{
    json_key(o, key);
    fputs(value ? "true" : "false", o->out);
}

static void json_endpoint(json_object *o, const char *key, const tern_endpoint *endpoint)
{
    char text[LADDER_ENDPOINT_BYTES];
    json_text(o, key, ladder_endpoint_text(endpoint, text));
}

static const char *json_end(ladder_end end)
{
    return end == LADDER_LEFT ? "left" : end == LADDER_RIGHT ? "right" : "outside";
}

static void json_state(json_object *o, const char *key, tern_state state)
{
    json_text(o, key, state < TERN_STATES ? tern_state_name(state) : "unknown");
}

/* ---- Packets ------------------------------------------------------------------------------- */

static void json_options(json_object *o, const packet_summary *p)
{
    json_object inner = {o->out, o->style, false};
    const tcp_options *options = &p->options;

    json_key(o, "options");
    fputc('{', o->out);
    if (options->has_mss)
        json_number(&inner, "mss", options->mss);
    if (options->has_window_scale)
        json_number(&inner, "window_scale", options->window_scale);
    if (options->has_sack_permitted)
        json_true_or_false(&inner, "sack_permitted", true);
    if (options->has_timestamps) {
        json_number(&inner, "ts_value", options->ts_value);
        json_number(&inner, "ts_echo", options->ts_echo);
    }
    if (options->sack_count > 0) {
        json_key(&inner, "sack");
        fputc('[', o->out);
        for (unsigned i = 0; i < options->sack_count && i < TCP_SACK_BLOCKS_MAX; i++)
            fprintf(o->out, "%s[%u,%u]", i > 0 ? "," : "", options->sack[i].left.v,
                    options->sack[i].right.v);
        fputc(']', o->out);
    }
    fputc('}', o->out);
}

static void json_tcp(json_object *o, const packet_summary *p)
{
    const packet_flag *flag;
    bool comma = false;

    json_endpoint(o, "source", &p->source);
    json_endpoint(o, "destination", &p->destination);
    json_key(o, "flags");
    fputc('[', o->out);
    for (size_t i = 0; (flag = packet_flag_get(i)) != NULL; i++) {
        if ((p->flags & flag->bit) == 0)
            continue;
        fprintf(o->out, "%s\"%s\"", comma ? "," : "", flag->name);
        comma = true;
    }
    fputc(']', o->out);
    json_number(o, "seq", p->seq);
    if (p->seq_relative_known)
        json_number(o, "seq_relative", p->seq_relative);
    if ((p->flags & TCP_ACK) != 0)
        json_number(o, "ack", p->ack);
    if (p->ack_relative_known)
        json_number(o, "ack_relative", p->ack_relative);
    json_number(o, "window", p->window);
    json_number(o, "window_scaled", p->window_scaled);
    json_number(o, "length", p->text_bytes);
    json_true_or_false(o, "again", p->again);
    json_options(o, p);
    json_true_or_false(o, "checksum_ok", !p->checksum_bad);
}

static void json_icmp(json_object *o, const packet_summary *p)
{
    const char *name = packet_icmp_name(p);

    json_number(o, "icmp_type", p->icmp_type);
    json_number(o, "icmp_code", p->icmp_code);
    if (name != NULL)
        json_text(o, "icmp", name);
    if (p->mtu_bytes > 0)
        json_number(o, "mtu", p->mtu_bytes);
    if (!p->quotes)
        return;
    json_endpoint(o, "quoted_source", &p->quoted_source);
    json_endpoint(o, "quoted_destination", &p->quoted_destination);
    json_number(o, "quoted_seq", p->quoted_seq);
    if (p->quoted_seq_relative_known)
        json_number(o, "quoted_seq_relative", p->quoted_seq_relative);
}

/* Somebody outside has sent it, or will get it. */
static void json_foreign(json_object *o, const ladder_flight *f)
{
    char address[TERN_ADDRESS_TEXT_BYTES];

    if (!ladder_is_foreign(f))
        return;
    json_text(o, "to", json_end(f->to));
    json_text(o, "who", ladder_who(f, address));
}

static void json_packet(json_object *o, const packet_summary *p)
{
    json_number(o, "bytes", p->bytes);
    switch (p->form) {
    case PACKET_TCP:
        json_tcp(o, p);
        break;
    case PACKET_ICMP:
        json_icmp(o, p);
        break;
    case PACKET_OTHER:
        json_number(o, "protocol", p->protocol);
        break;
    case PACKET_BAD:
        json_text(o, "bad", tern_rule_get(p->bad)->name);
        break;
    }
}

/* ---- Events -------------------------------------------------------------------------------- */

static void json_marks(json_object *o, unsigned marks)
{
    const char *word;
    unsigned mark;
    bool comma = false;

    json_key(o, "marks");
    fputc('[', o->out);
    for (size_t i = 0; (word = ladder_mark_text(i, &mark)) != NULL; i++) {
        if ((marks & mark) == 0)
            continue;
        fprintf(o->out, "%s\"%s\"", comma ? "," : "", word);
        comma = true;
    }
    fputc(']', o->out);
}

static void json_caption(json_object *o, const ladder_event *e)
{
    const char *source = ladder_caption_source(e);

    if (e->rule != TERN_RULE_NONE)
        json_text(o, "rule", tern_rule_get(e->rule)->name);
    json_text(o, "text", draw_text(o->style, ladder_caption_text(e)));
    if (source != NULL)
        json_text(o, "source", source);
    if (e->rule != TERN_RULE_NONE)
        json_true_or_false(o, "teaches", ladder_caption_teaches(e));
}

static void json_change(json_object *o, const ladder_event *e)
{
    json_state(o, "from", e->from);
    json_state(o, "to", e->to);
    if (e->text != NULL)
        json_text(o, "cause", e->text);
}

static const char *json_event_name(const ladder_event *e)
{
    switch (e->kind) {
    case EVENT_SENT:
        return "sent";
    case EVENT_ARRIVED:
        return "arrived";
    case EVENT_DIED:
        return "died";
    case EVENT_STATE:
        return "state";
    case EVENT_CAPTION:
        return e->rule != TERN_RULE_NONE ? "rule" : "caption";
    case EVENT_NOTE:
        break;
    }
    return "note";
}

static void json_event(json_object *o, const ladder *l, const ladder_event *e)
{
    const ladder_flight *f = ladder_flight_get(l, e->flight);

    json_text(o, "event", json_event_name(e));
    json_number(o, "time_us", e->time_us);
    json_text(o, "end", json_end(e->end));
    if (f != NULL)
        json_number(o, "packet", f->serial);
    switch (e->kind) {
    case EVENT_SENT:
        if (f == NULL)
            break;
        json_foreign(o, f);
        json_packet(o, &f->packet);
        break;
    case EVENT_ARRIVED:
        json_marks(o, e->marks);
        break;
    case EVENT_DIED:
        if (f != NULL)
            json_text(o, "fate", ladder_fate_text(f->fate));
        break;
    case EVENT_STATE:
        json_change(o, e);
        break;
    case EVENT_CAPTION:
        json_caption(o, e);
        break;
    case EVENT_NOTE:
        json_text(o, "kind", e->note == LADDER_ERROR ? "error" : "call");
        json_text(o, "text", e->text);
        break;
    }
}

static void json_party(json_object *o, const ladder *l, ladder_end end)
{
    const ladder_party *p = ladder_party_get(l, end);
    json_object inner = {o->out, o->style, false};

    json_key(o, json_end(end));
    fputc('{', o->out);
    json_text(&inner, "name", p->name);
    json_text(&inner, "kind", p->kind);
    json_endpoint(&inner, "endpoint", &p->endpoint);
    json_state(&inner, "state", p->state);
    fputc('}', o->out);
}

/* Opens a line, of a run when there are several. */
static json_object json_line(FILE *out, const draw_style *style, const char *run)
{
    json_object o = {out, style, false};

    fputc('{', out);
    if (run != NULL)
        json_text(&o, "run", run);
    return o;
}

void ladder_json_print_run(const ladder *l, FILE *out, const draw_style *style, const char *run)
{
    json_object head = json_line(out, style, run);

    json_text(&head, "event", "ladder");
    json_party(&head, l, LADDER_LEFT);
    json_party(&head, l, LADDER_RIGHT);
    fputs("}\n", out);
    for (size_t n = ladder_forgotten(l); n < ladder_events(l); n++) {
        json_object o = json_line(out, style, run);
        json_event(&o, l, ladder_event_get(l, n));
        fputs("}\n", out);
    }
    if (ladder_left_out(l) > 0) {
        json_object o = json_line(out, style, run);
        json_text(&o, "event", "full");
        json_number(&o, "left_out", ladder_left_out(l));
        fputs("}\n", out);
    }
}

void ladder_json_print(const ladder *l, FILE *out, const draw_style *style)
{
    ladder_json_print_run(l, out, style, NULL);
}

void ladder_json_print_parting(const ladder_parting *parting, FILE *out)
{
    json_object o = json_line(out, NULL, NULL);

    json_text(&o, "event", "parting");
    json_true_or_false(&o, "parts", parting->parts);
    json_key(&o, "time_us");
    for (unsigned i = 0; i < 2; i++) {
        fputc(i == 0 ? '[' : ',', out);
        if (parting->time_us[i] == TERN_NEVER)
            fputs("null", out);
        else
            fprintf(out, "%llu", (unsigned long long)parting->time_us[i]);
    }
    fputc(']', out);
    json_text(&o, "text", parting->text);
    fputs("}\n", out);
}
