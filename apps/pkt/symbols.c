/* symbols.c - symbols.def as a table.
 *
 * The numbers are written down and not taken from this system's headers, so that a script means the
 * same wherever tern runs. */
#include "apps/pkt/symbols.h"

#include <stddef.h>
#include <string.h>

typedef struct symbol {
    const char *name;
    int64_t number;
} symbol;

static const symbol symbols[] = {
#define SYMBOL(name, number)       {#name, number},
#define SYMBOL_NEWER(name, number) {#name, number},
#include "apps/pkt/symbols.def"
#undef SYMBOL
#undef SYMBOL_NEWER
};

bool pkt_symbol(const char *name, int64_t *number)
{
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (strcmp(symbols[i].name, name) == 0) {
            *number = symbols[i].number;
            return true;
        }
    }
    return false;
}

const char *pkt_errno_name(int number)
{
    static const char first[] = "EPERM"; /* the errors stand together, this one first */
    size_t i = 0;

    while (strcmp(symbols[i].name, first) != 0)
        i++;
    for (; i < sizeof symbols / sizeof symbols[0] && symbols[i].name[0] == 'E'; i++)
        if (symbols[i].number == number)
            return symbols[i].name;
    return NULL;
}

/* ---- Symbols that are none ----------------------------------------------------------------- */

/* Walks an expression and its siblings. What is still to be seen stands on a stack: at each of the
 * levels that the parser allows a sibling, and the value of a field. */
static const pkt_expr *symbol_unknown_in(const pkt_expr *expression)
{
    const pkt_expr *waiting[3 * (PKT_DEPTH_MAX + 2)];
    size_t count = 0;
    int64_t number;

    for (const pkt_expr *e = expression; e != NULL; e = count > 0 ? waiting[--count] : NULL) {
        bool key = e->kind == PKT_FIELD && strcmp(e->text, "psk") == 0; /* octets, as a word */
        if (e->kind == PKT_WORD && strcmp(e->text, "NULL") != 0 && !pkt_symbol(e->text, &number))
            return e;
        if (e->next != NULL)
            waiting[count++] = e->next;
        if (e->value != NULL && !key)
            waiting[count++] = e->value;
        if (e->first != NULL)
            waiting[count++] = e->first;
    }
    return NULL;
}

const char *pkt_symbol_unknown(const pkt_script *script, pkt_place *place)
{
    int64_t number;

    for (const pkt_event *event = script->events; event != NULL; event = event->next) {
        if (event->kind != PKT_EVENT_CALL)
            continue;
        const pkt_call *call = event->call;
        const pkt_expr *unknown = symbol_unknown_in(call->arguments);
        if (unknown == NULL)
            unknown = symbol_unknown_in(call->result);
        *place = unknown != NULL ? unknown->place : call->place;
        if (unknown != NULL)
            return unknown->text;
        if (call->error != NULL && !pkt_symbol(call->error, &number))
            return call->error;
    }
    return NULL;
}
