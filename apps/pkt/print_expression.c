/* print_expression.c - an expression as text, walking up and down without recursion.
 *
 * Nodes know their children and siblings but not their parents: those are on a stack, which is as
 * deep as the parser lets an expression be. */
#include "apps/pkt/print.h"

#include <inttypes.h>

typedef struct print_level {
    const pkt_expr *node;
    const pkt_expr *child; /* printed last; NULL: none yet */
    bool value;            /* of a FIELD: its value is printed */
} print_level;

static void print_open(FILE *out, const pkt_expr *e)
{
    switch (e->kind) {
    case PKT_ELLIPSIS:
        (void)fputs("...", out);
        return;
    case PKT_INTEGER:
        if (e->hex)
            (void)fprintf(out, "0x%" PRIx64, (uint64_t)e->integer);
        else
            (void)fprintf(out, "%" PRId64, e->integer);
        return;
    case PKT_STRING:
        (void)fprintf(out, "\"%s\"%s", e->text, e->open ? "..." : "");
        return;
    case PKT_ARRAY:
        (void)fputc('[', out);
        return;
    case PKT_STRUCT:
        (void)fputc('{', out);
        return;
    case PKT_WORD:
        (void)fputs(e->text, out);
        return;
    case PKT_FUNCTION:
        (void)fprintf(out, "%s(", e->text);
        return;
    case PKT_ITEM:
        (void)fprintf(out, "%s[", e->text);
        return;
    case PKT_FIELD:
        (void)fprintf(out, "%s%s", e->text, e->first != NULL ? "(" : "=");
        return;
    case PKT_STRINGS:
    case PKT_OR:
    case PKT_PAIR:
        return;
    }
}

static const char *print_separator(pkt_expr_kind kind)
{
    switch (kind) {
    case PKT_OR:
        return "|";
    case PKT_PAIR:
        return ":";
    case PKT_STRINGS:
        return " ";
    case PKT_ARRAY:
    case PKT_STRUCT:
    case PKT_FUNCTION:
    case PKT_ITEM:
    case PKT_FIELD:
    case PKT_ELLIPSIS:
    case PKT_INTEGER:
    case PKT_WORD:
    case PKT_STRING:
        break;
    }
    return ", ";
}

static void print_close(FILE *out, const pkt_expr *e)
{
    if (e->kind == PKT_ARRAY || e->kind == PKT_ITEM)
        (void)fputc(']', out);
    else if (e->kind == PKT_STRUCT)
        (void)fputc('}', out);
    else if (e->kind == PKT_FUNCTION)
        (void)fputc(')', out);
}

/* The node that comes next below this level; NULL: none, it is done. */
static const pkt_expr *print_step(FILE *out, print_level *level)
{
    const pkt_expr *next = level->child == NULL ? level->node->first : level->child->next;

    if (next != NULL) {
        if (level->child != NULL)
            (void)fputs(print_separator(level->node->kind), out);
        level->child = next;
        return next;
    }
    if (level->node->kind != PKT_FIELD || level->value)
        return NULL;
    level->value = true;
    if (level->node->first != NULL)
        (void)fputs(")=", out);
    return level->node->value;
}

void pkt_print_expression(FILE *out, const pkt_expr *expression)
{
    print_level levels[PKT_DEPTH_MAX + 2];
    int depth = 0;

    levels[0] = (print_level){.node = expression};
    print_open(out, expression);
    while (depth >= 0) {
        print_level *level = &levels[depth];
        const pkt_expr *below = level->value && level->node->kind == PKT_FIELD
                                    ? NULL
                                    : print_step(out, level);
        if (below == NULL) {
            print_close(out, level->node);
            depth--;
            continue;
        }
        print_open(out, below);
        levels[++depth] = (print_level){.node = below};
    }
}
