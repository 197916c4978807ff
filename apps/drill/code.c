/* code.c - the assertions between %{ and }%: over struct tcp_info of the connection under test, as
 * it is when the script comes to them. */
#define _GNU_SOURCE
#include "apps/drill/python.h"
#include "apps/pkt/code.h"
#include "apps/pkt/symbols.h"
#include "apps/tern/i18n.h"

#include <inttypes.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { CODE_VALUES_BYTES = 8192 };

#define FIELD(name)                                                                                \
    {                                                                                              \
        "tcpi_" #name, offsetof(struct tcp_info, tcpi_##name),                                     \
            sizeof(((struct tcp_info *)NULL)->tcpi_##name)                                         \
    }

static const struct code_field {
    const char *name;
    size_t at, bytes;
} fields[] = {
    FIELD(state),
    FIELD(ca_state),
    FIELD(retransmits),
    FIELD(probes),
    FIELD(backoff),
    FIELD(options),
    FIELD(rto),
    FIELD(ato),
    FIELD(snd_mss),
    FIELD(rcv_mss),
    FIELD(unacked),
    FIELD(sacked),
    FIELD(lost),
    FIELD(retrans),
    FIELD(fackets),
    FIELD(last_data_sent),
    FIELD(last_data_recv),
    FIELD(last_ack_recv),
    FIELD(pmtu),
    FIELD(rcv_ssthresh),
    FIELD(rtt),
    FIELD(rttvar),
    FIELD(snd_ssthresh),
    FIELD(snd_cwnd),
    FIELD(advmss),
    FIELD(reordering),
    FIELD(rcv_rtt),
    FIELD(rcv_space),
    FIELD(total_retrans),
    FIELD(pacing_rate),
    FIELD(max_pacing_rate),
    FIELD(bytes_acked),
    FIELD(bytes_received),
    FIELD(segs_out),
    FIELD(segs_in),
    FIELD(notsent_bytes),
    FIELD(min_rtt),
    FIELD(data_segs_in),
    FIELD(data_segs_out),
    FIELD(delivery_rate),
    FIELD(busy_time),
    FIELD(rwnd_limited),
    FIELD(sndbuf_limited),
    FIELD(delivered),
    FIELD(delivered_ce),
    FIELD(bytes_sent),
    FIELD(bytes_retrans),
    FIELD(dsack_dups),
    FIELD(reord_seen),
    FIELD(rcv_ooopack),
    FIELD(snd_wnd),
};

typedef struct code_run {
    runner *r;
    struct tcp_info info;
} code_run;

static runner_value *code_variable(runner *r, const char *name)
{
    for (uint32_t i = 0; i < r->value_count; i++)
        if (strcmp(r->values[i].name, name) == 0)
            return &r->values[i];
    return NULL;
}

static int64_t code_field_value(const struct tcp_info *info, const struct code_field *field)
{
    uint64_t wide = 0;
    uint8_t *to = (uint8_t *)&wide;

    /* Little-endian machines only have struct tcp_info so; others copy to the far end. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    to += sizeof wide - field->bytes;
#endif
    memcpy(to, (const uint8_t *)info + field->at, field->bytes);
    return (int64_t)wide;
}

static bool code_get(void *context, const char *name, int64_t *value)
{
    code_run *c = context;
    const runner_value *v = code_variable(c->r, name);

    if (v != NULL) {
        *value = v->value;
        return true;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            *value = code_field_value(&c->info, &fields[i]);
            return true;
        }
    }
    if (strcmp(name, "tcpi_snd_wscale") == 0)
        *value = c->info.tcpi_snd_wscale;
    else if (strcmp(name, "tcpi_rcv_wscale") == 0)
        *value = c->info.tcpi_rcv_wscale;
    else
        return pkt_symbol(name, value);
    return true;
}

static bool code_set(void *context, const char *name, int64_t value)
{
    runner *r = ((code_run *)context)->r;
    runner_value *v = code_variable(r, name);

    if (v == NULL && r->value_count < RUNNER_VALUES_MAX && strlen(name) < sizeof v->name) {
        v = &r->values[r->value_count++];
        (void)strcpy(v->name, name);
    }
    if (v != NULL)
        v->value = value;
    return v != NULL;
}

/* What a script prints is for its writer; a verdict has no place for it. */
static void code_print(void *context, const char *text)
{
    (void)context;
    (void)text;
}

/* All values, and what scripts call by name, as Python writes them down. */
static void code_note_for_python(runner *r, const pkt_event *event, const struct tcp_info *info)
{
    char values[CODE_VALUES_BYTES];
    FILE *out = fmemopen(values, sizeof values, "w");
    const char *name;
    int64_t value;

    if (out == NULL)
        return;
    (void)fprintf(out, "{'tcpi_snd_wscale': %u, 'tcpi_rcv_wscale': %u", info->tcpi_snd_wscale,
                  info->tcpi_rcv_wscale);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        (void)fprintf(out, ", '%s': %" PRIu64, fields[i].name,
                      (uint64_t)code_field_value(info, &fields[i]));
    for (size_t i = 0; (name = pkt_code_constant(i, &value)) != NULL; i++)
        (void)fprintf(out, ", '%s': %" PRId64, name, value);
    (void)fputs("}", out);
    if (fclose(out) == 0)
        python_add(r, event, values);
}

/* What the verdict is when a piece has run. */
static void code_judge(runner *r, const pkt_event *event, const pkt_code_outcome *o)
{
    pkt_place place = event->text_place;

    place.line += o->line > 0 ? o->line - 1 : 0;
    switch (o->status) {
    case PKT_CODE_HOLDS:
        break;
    case PKT_CODE_FALSE:
        runner_verdict(r, DRILL_FAIL, place, N_("the assertion %.*s does not hold: %s"),
                       (int)o->bytes, o->at, o->values);
        break;
    case PKT_CODE_UNKNOWN_NAME:
        runner_verdict(r, DRILL_UNSUPPORTED, place, N_("nobody has a value for %s"), o->name);
        break;
    case PKT_CODE_WRONG:
        runner_verdict(r, DRILL_FAIL, place, N_("cannot be computed: %.*s"), (int)o->bytes, o->at);
        break;
    case PKT_CODE_NEEDS_PYTHON:
        if (r->options.python != NULL)
            python_need(r, place, o->at, o->bytes);
        else
            runner_verdict(r, DRILL_UNSUPPORTED, place, N_("python3 would be needed: %.*s"),
                           (int)o->bytes, o->at);
        break;
    }
}

void code_event(runner *r, const pkt_event *event)
{
    code_run c = {.r = r, .info = {.tcpi_state = 7 /* TCP_CLOSE */}};
    tern_sockets_option option = {IPPROTO_TCP, TCP_INFO, &c.info, sizeof c.info};

    if (tern_sockets_is_open(r->subject.table, r->descriptor))
        (void)tern_sockets_getsockopt(r->subject.table, r->descriptor, &option);
    if (r->options.python != NULL)
        code_note_for_python(r, event, &c.info);
    if (r->python.needed) /* it has what this piece may ask for */
        return;
    pkt_code *code = pkt_code_parse(event->text);
    if (code == NULL) {
        runner_verdict(r, DRILL_ERROR, event->text_place, N_("no memory"));
        return;
    }
    pkt_code_names names = {code_get, code_set, code_print, &c};
    pkt_code_outcome o = pkt_code_run(code, &names);
    code_judge(r, event, &o);
    pkt_code_free(code);
}
