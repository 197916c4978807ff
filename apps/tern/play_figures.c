/* play_figures.c - see play_figures.h. */
#define _GNU_SOURCE
#include "apps/tern/play_figures.h"

#include "apps/tern/message.h"
#include "draw/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIGURES_COLUMNS_MAX = SCENARIO_VARIANTS_MAX + 2, FIGURES_GAP = 3 };

/* One play: its name, and the text of each figure. */
typedef struct figures_column {
    char name[SCENARIO_LINE_BYTES];
    char *values[SCENARIO_FIGURES_MAX];
    scenario_chosen chosen;
} figures_column;

typedef struct figures {
    const performance *p;
    figures_column columns[FIGURES_COLUMNS_MAX];
    uint32_t count;
    bool failed; /* no memory */
} figures;

/* ---- The plays ----------------------------------------------------------------------------- */

static void figures_fill(figures *f, figures_column *column, const performance *played)
{
    char text[MEASURES_TEXT_BYTES];

    for (uint32_t i = 0; i < f->p->scenario.figure_count; i++) {
        column->values[i] = strdup(
            measures_text(&played->measures, &f->p->scenario.figures[i].measure, text));
        f->failed = f->failed || column->values[i] == NULL;
    }
}

static int figures_play(figures *f, figures_column *column, uint64_t seed)
{
    performance *other = performance_new(f->p->options);

    if (other == NULL)
        return EXIT_FAILED;
    other->chosen = column->chosen;
    int status = performance_read(other);
    if (status == EXIT_DONE)
        status = performance_stage(other, seed);
    if (status == EXIT_DONE)
        status = performance_run(other);
    if (status == EXIT_DONE)
        figures_fill(f, column, other);
    performance_free(other);
    return status;
}

static bool figures_chosen(const scenario_chosen *chosen, const char *name)
{
    for (uint32_t i = 0; i < chosen->count; i++)
        if (strcmp(chosen->names[i], name) == 0)
            return true;
    return false;
}

static figures_column *figures_add(figures *f, const char *name)
{
    figures_column *column = &f->columns[f->count++];
    (void)snprintf(column->name, sizeof column->name, "%s", name);
    return column;
}

/* "cookies=off" as it is on the command line. */
static void figures_add_variant(figures *f, const char *name)
{
    char option[SCENARIO_NAME_BYTES + 4];

    (void)snprintf(option, sizeof option, "--%s", name);
    char *equals = strchr(option, '=');
    if (equals != NULL)
        *equals = ' ';
    figures_column *column = figures_add(f, option);
    column->chosen.count = 1;
    memcpy(column->chosen.names[0], name, SCENARIO_NAME_BYTES);
}

static int figures_play_all(figures *f, uint64_t seed)
{
    const scenario *s = &f->p->scenario;
    int status = EXIT_DONE;

    figures_fill(f, figures_add(f, _("this play")), f->p);
    if (f->p->device != NULL) /* the others would be another end's */
        return EXIT_DONE;
    if (f->p->chosen.count > 0)
        (void)figures_add(f, _("without options"));
    for (uint32_t i = 0; i < s->variant_count; i++)
        if (s->variants[i].against && !figures_chosen(&f->p->chosen, s->variants[i].name))
            figures_add_variant(f, s->variants[i].name);
    for (uint32_t i = 1; i < f->count && status == EXIT_DONE; i++)
        status = figures_play(f, &f->columns[i], seed);
    return status;
}

/* ---- The table ----------------------------------------------------------------------------- */

static void figures_pad(const char *text, unsigned columns)
{
    unsigned width = columns_text(text);
    (void)printf("%s%*s", text, width < columns ? (int)(columns - width) : 0, "");
}

static unsigned figures_width(const figures *f, const figures_column *column)
{
    unsigned width = columns_text(column->name);
    for (uint32_t i = 0; i < f->p->scenario.figure_count; i++) {
        unsigned one = columns_text(column->values[i]);
        width = one > width ? one : width;
    }
    return width + FIGURES_GAP;
}

static unsigned figures_words_width(const figures *f)
{
    char words[SCENARIO_LINE_BYTES];
    unsigned width = 0;
    for (uint32_t i = 0; i < f->p->scenario.figure_count; i++) {
        unsigned one = columns_text(
            scenario_say(&f->p->scenario.figures[i].words, words, sizeof words));
        width = one > width ? one : width;
    }
    return width + FIGURES_GAP;
}

/* Row 0 has the names; `number` is one more than the figure's. */
static void figures_print_row(const figures *f, unsigned first_width, uint32_t number)
{
    char words[SCENARIO_LINE_BYTES] = "";

    if (number > 0)
        (void)scenario_say(&f->p->scenario.figures[number - 1].words, words, sizeof words);
    figures_pad(words, first_width);
    for (uint32_t i = 0; i < f->count; i++) {
        const figures_column *column = &f->columns[i];
        const char *text = number == 0 ? column->name : column->values[number - 1];
        if (i + 1 < f->count)
            figures_pad(text, figures_width(f, column));
        else
            (void)printf("%s", text);
    }
    (void)printf("\n");
}

/* As a JSON string: texts are UTF-8, and were checked to be. */
static void figures_print_string(const char *text)
{
    (void)putchar('"');
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            (void)putchar('\\');
        if ((unsigned char)*at < 0x20)
            (void)printf("\\u%04x", (unsigned)(unsigned char)*at);
        else
            (void)putchar(*at);
    }
    (void)putchar('"');
}

static void figures_print_json(const figures *f)
{
    char words[SCENARIO_LINE_BYTES];

    for (uint32_t row = 0; row < f->p->scenario.figure_count; row++)
        for (uint32_t i = 0; i < f->count; i++) {
            (void)printf("{\"event\":\"figure\",\"play\":");
            figures_print_string(f->columns[i].name);
            (void)printf(",\"text\":");
            figures_print_string(
                scenario_say(&f->p->scenario.figures[row].words, words, sizeof words));
            (void)printf(",\"value\":");
            figures_print_string(f->columns[i].values[row]);
            (void)printf("}\n");
        }
}

static void figures_print(const figures *f)
{
    if (f->p->options->json) {
        figures_print_json(f);
        return;
    }
    unsigned first_width = figures_words_width(f);
    (void)printf("\n");
    for (uint32_t row = 0; row <= f->p->scenario.figure_count; row++)
        figures_print_row(f, first_width, row);
}

int play_figures(const performance *p, uint64_t seed)
{
    if (p->scenario.figure_count == 0)
        return EXIT_DONE;
    figures *f = calloc(1, sizeof *f);
    if (f == NULL)
        return message_fail(EXIT_FAILED, "play", _("there is not enough memory"));
    f->p = p;
    int status = figures_play_all(f, seed);
    if (f->failed)
        status = message_fail(EXIT_FAILED, "play", _("there is not enough memory"));
    if (status == EXIT_DONE)
        figures_print(f);
    for (uint32_t i = 0; i < f->count; i++)
        for (uint32_t row = 0; row < SCENARIO_FIGURES_MAX; row++)
            free(f->columns[i].values[row]);
    free(f);
    return status;
}
