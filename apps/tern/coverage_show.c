/* coverage_show.c - see coverage_show.h. */
#include "apps/tern/coverage_show.h"

#include "apps/tern/i18n.h"
#include "draw/columns.h"
#include "draw/heat.h"

enum { SHOW_COUNT_COLUMNS = 12, SHOW_TITLE_BYTES = 160, SHOW_STATE_COLUMNS = 12 };

/* ---- State by segment ---------------------------------------------------------------------- */

typedef struct show_table {
    heat heat;
    const char *columns[COVERAGE_SEGMENTS];
    char title[SHOW_TITLE_BYTES];
} show_table;

static void show_table_begin(show_table *t, const coverage *c)
{
    unsigned reached = 0;

    for (unsigned i = 0; i < COVERAGE_SEGMENTS; i++)
        t->columns[i] = coverage_segment_name((coverage_segment)i);
    for (unsigned state = 0; state < TERN_STATES; state++)
        for (unsigned i = 0; i < COVERAGE_SEGMENTS; i++)
            reached += c->segments[state][i] > 0 ? 1 : 0;
    (void)snprintf(t->title, sizeof t->title,
                   _("Segments, by the state they came in: %u of %u pairs"), reached,
                   (unsigned)TERN_STATES * COVERAGE_SEGMENTS);
    t->heat = (heat){.title = t->title,
                     .note = _("A segment is counted once, under the first name from the left "
                               "that it can have."),
                     .columns = t->columns,
                     .column_count = COVERAGE_SEGMENTS,
                     .counts = &c->segments[0][0]};
}

void coverage_svg(const coverage *c, FILE *out)
{
    show_table table;

    show_table_begin(&table, c);
    heat_svg(&table.heat, out);
}

/* ---- For a reader -------------------------------------------------------------------------- */

/* How often, at the right of its columns; never is red. */
static void show_count(FILE *out, const draw_style *style, uint64_t count)
{
    const char *never = _("never");
    int pad = SHOW_COUNT_COLUMNS - (int)columns_text(never);

    if (count > 0)
        (void)fprintf(out, "%*llu  ", SHOW_COUNT_COLUMNS, (unsigned long long)count);
    else
        (void)fprintf(out, "%*s%s%s%s  ", pad > 0 ? pad : 0, "", style->colour ? "\033[31m" : "",
                      never, style->colour ? "\033[0m" : "");
}

static void show_edges(const coverage *c, FILE *out, const draw_style *style)
{
    const tern_edge_info *edge;
    unsigned reached = 0;

    for (unsigned i = 0; i < COVERAGE_EDGES; i++)
        reached += c->edges[i] > 0 ? 1 : 0;
    (void)fprintf(out, _("\nChanges of state: %u of %u\n\n"), reached, (unsigned)COVERAGE_EDGES);
    for (size_t i = 0; i < COVERAGE_EDGES && (edge = tern_edge_get(i)) != NULL; i++) {
        show_count(out, style, c->edges[i]);
        (void)fprintf(out, "%-*s -> %-*s  %s  [%s]\n", SHOW_STATE_COLUMNS,
                      tern_state_name(edge->from), SHOW_STATE_COLUMNS, tern_state_name(edge->to),
                      tern_cause_name(edge->cause), edge->source);
    }
}

static unsigned show_rules_reached(const coverage *c)
{
    unsigned reached = 0;

    for (unsigned rule = 1; rule < TERN_RULES; rule++)
        reached += c->rules[rule] > 0 ? 1 : 0;
    return reached;
}

static void show_rules(const coverage *c, FILE *out, const draw_style *style)
{
    (void)fprintf(out, _("\nRules: %u of %u\n\n"), show_rules_reached(c), (unsigned)TERN_RULES - 1);
    for (unsigned i = 1; i < TERN_RULES; i++) {
        const tern_rule_info *rule = tern_rule_get((tern_rule)i);
        show_count(out, style, c->rules[i]);
        (void)fprintf(out, "%s  [%s]\n", rule->name, rule->source);
    }
}

void coverage_show(const coverage *c, FILE *out, const draw_style *style)
{
    show_table table;

    show_table_begin(&table, c);
    (void)fprintf(out, _("What has been reached (runs: %llu)\n\n"), (unsigned long long)c->runs);
    heat_print(&table.heat, out, style);
    show_edges(c, out, style);
    show_rules(c, out, style);
}

/* ---- For machines -------------------------------------------------------------------------- */

void coverage_json(const coverage *c, FILE *out)
{
    const tern_edge_info *edge;

    (void)fprintf(out, "{\"runs\":%llu}\n", (unsigned long long)c->runs);
    for (unsigned state = 0; state < TERN_STATES; state++)
        for (unsigned i = 0; i < COVERAGE_SEGMENTS; i++)
            (void)fprintf(out, "{\"state\":\"%s\",\"segment\":\"%s\",\"count\":%llu}\n",
                          tern_state_name((tern_state)state),
                          coverage_segment_name((coverage_segment)i),
                          (unsigned long long)c->segments[state][i]);
    for (size_t i = 0; i < COVERAGE_EDGES && (edge = tern_edge_get(i)) != NULL; i++)
        (void)fprintf(out,
                      "{\"from\":\"%s\",\"to\":\"%s\",\"cause\":\"%s\",\"source\":\"%s\","
                      "\"count\":%llu}\n",
                      tern_state_name(edge->from), tern_state_name(edge->to),
                      tern_cause_name(edge->cause), edge->source, (unsigned long long)c->edges[i]);
    for (unsigned i = 1; i < TERN_RULES; i++) {
        const tern_rule_info *rule = tern_rule_get((tern_rule)i);
        (void)fprintf(out, "{\"rule\":\"%s\",\"source\":\"%s\",\"level\":\"%s\",\"count\":%llu}\n",
                      rule->name, rule->source, rule->level, (unsigned long long)c->rules[i]);
    }
}
