/* calls_options.c - setsockopt, getsockopt, fcntl, ioctl. */
#define _GNU_SOURCE
#include "apps/drill/calls.h"
#include "apps/tern/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

enum { OPTION_VALUE_BYTES = 1024 };

/* An option's value: [1], {onoff=1, linger=0}, "cubic", or a plain number. */
typedef struct options_value {
    union {
        int number;
        struct linger linger;
        struct timeval time;
        char text[OPTION_VALUE_BYTES];
    };
    socklen_t bytes;
} options_value;

static bool options_linger(const arguments *a, const pkt_expr *e, options_value *v)
{
    const pkt_expr *on = pkt_field(e, "onoff"), *time = pkt_field(e, "linger");
    int64_t onoff = 0, seconds = 0;

    if (on == NULL || time == NULL || !argument_value(a, on, &onoff) ||
        !argument_value(a, time, &seconds))
        return false;
    v->linger = (struct linger){(int)onoff, (int)seconds};
    v->bytes = sizeof v->linger;
    return true;
}

static bool options_list(const arguments *a, const pkt_expr *e, options_value *v)
{
    int64_t number = 0;

    if (e->first == NULL || e->first->kind == PKT_ELLIPSIS) {
        v->bytes = sizeof v->number;
        return true;
    }
    if (e->first->kind == PKT_STRUCT || e->first->kind == PKT_STRING)
        return false;
    if (!argument_value(a, e->first, &number))
        return false;
    v->number = (int)number;
    v->bytes = sizeof v->number;
    return true;
}

static bool options_read(const arguments *a, const pkt_expr *e, options_value *v)
{
    int64_t number;

    memset(v, 0, sizeof *v);
    if (e->kind == PKT_STRING) {
        v->bytes = (socklen_t)pkt_unescape(e->text, v->text, sizeof v->text);
        return true;
    }
    if (e->kind == PKT_ARRAY && options_list(a, e, v))
        return true;
    if (e->kind == PKT_STRUCT && e->shape == PKT_SHAPE_LINGER && options_linger(a, e, v))
        return true;
    if (e->kind == PKT_ELLIPSIS) {
        v->bytes = sizeof v->text;
        return true;
    }
    if (e->kind != PKT_ARRAY && e->kind != PKT_STRUCT && argument_value(a, e, &number)) {
        v->number = (int)number;
        v->bytes = sizeof v->number;
        return true;
    }
    runner_verdict(a->r, DRILL_UNSUPPORTED, e->place, N_("%s() with such a value"), a->call->name);
    return false;
}

static bool options_unknown(const arguments *a, const pkt_expr *name)
{
    runner_verdict(a->r, DRILL_UNSUPPORTED, name->place, N_("the socket option %s"),
                   name->kind == PKT_WORD ? name->text : "?");
    return false;
}

static bool call_setsockopt(const arguments *a, int64_t *result)
{
    int64_t level, name, bytes;
    options_value value;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !argument_number(a, 1, &level) ||
        !argument_number(a, 2, &name) || argument_at(a, 3) == NULL ||
        !argument_number(a, 4, &bytes))
        return false;
    if (!options_read(a, argument_at(a, 3), &value))
        return false;
    tern_sockets_option option = {(int)level, (int)name, value.text, (socklen_t)bytes};
    if (option.bytes > sizeof value.text)
        option.bytes = sizeof value.text;
    *result = tern_sockets_setsockopt(a->r->subject.table, fd, &option);
    return *result != -ENOPROTOOPT || a->call->error != NULL ||
           options_unknown(a, argument_at(a, 2));
}

/* What came is what the script has, as far as the script says. */
static void options_compare(const arguments *a, const pkt_expr *e, const options_value *wanted,
                            const tern_sockets_option *got)
{
    int number = 0;

    if (e->kind == PKT_ELLIPSIS ||
        (e->kind == PKT_ARRAY && e->first != NULL && e->first->kind == PKT_ELLIPSIS))
        return;
    memcpy(&number, got->value, sizeof number);
    if (e->kind == PKT_STRING) {
        if (strncmp(wanted->text, got->value, sizeof wanted->text) != 0)
            runner_verdict(a->r, DRILL_FAIL, e->place, N_("the option is \"%s\""),
                           (const char *)got->value);
    } else if (e->kind == PKT_STRUCT) {
        if (memcmp(&wanted->linger, got->value, sizeof wanted->linger) != 0)
            runner_verdict(a->r, DRILL_FAIL, e->place, N_("the option has another value"));
    } else if (number != wanted->number) {
        runner_verdict(a->r, DRILL_FAIL, e->place, N_("the option is %d"), number);
    }
}

static bool call_getsockopt(const arguments *a, int64_t *result)
{
    int64_t level, name;
    options_value wanted;
    char got[OPTION_VALUE_BYTES] = "";
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !argument_number(a, 1, &level) ||
        !argument_number(a, 2, &name) || argument_at(a, 3) == NULL ||
        !options_read(a, argument_at(a, 3), &wanted))
        return false;
    tern_sockets_option option = {(int)level, (int)name, got, sizeof got - 1};
    *result = tern_sockets_getsockopt(a->r->subject.table, fd, &option);
    if (*result == -ENOPROTOOPT && a->call->error == NULL)
        return options_unknown(a, argument_at(a, 2));
    if (*result == 0)
        options_compare(a, argument_at(a, 3), &wanted, &option);
    return true;
}

static bool call_fcntl(const arguments *a, int64_t *result)
{
    int64_t command, argument = 0;
    int fd;

    if (!argument_descriptor(a, 0, &fd) || !argument_number(a, 1, &command))
        return false;
    if (a->call->argument_count > 2 && !argument_number(a, 2, &argument))
        return false;
    *result = tern_sockets_fcntl(a->r->subject.table, fd, (int)command, (long)argument);
    return true;
}

static bool call_ioctl(const arguments *a, int64_t *result)
{
    int64_t request;
    options_value wanted;
    int fd, value;

    if (!argument_descriptor(a, 0, &fd) || !argument_number(a, 1, &request) ||
        argument_at(a, 2) == NULL || !options_read(a, argument_at(a, 2), &wanted))
        return false;
    value = wanted.number;
    *result = tern_sockets_ioctl(a->r->subject.table, fd, (unsigned long)request, &value);
    if (*result == 0 && argument_at(a, 2)->kind == PKT_ARRAY && value != wanted.number)
        runner_verdict(a->r, DRILL_FAIL, argument_at(a, 2)->place, N_("ioctl() gave %d"), value);
    return true;
}

const calls_entry calls_of_options[] = {
    {"setsockopt", call_setsockopt, false},
    {"getsockopt", call_getsockopt, false},
    {"fcntl", call_fcntl, false},
    {"ioctl", call_ioctl, false},
    {NULL, NULL, false},
};
