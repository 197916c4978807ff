/* scenario.c - reads a scenario: lines, variants, and the statements that are one word and little
 * more. The others: scenario_step.c, scenario_wire.c, scenario_measure.c. */
#include "apps/tern/i18n.h"
#include "apps/tern/scenario_reader.h"

#include <stdio.h>
#include <string.h>

enum { SCENARIO_PREFIXES_MAX = 4, SCENARIO_KEY_MAX = 1000000 };

/* ---- Texts --------------------------------------------------------------------------------- */

char *scenario_span_text(const scenario_span *span, char *text, size_t cap_bytes)
{
    size_t bytes = span->bytes < cap_bytes ? span->bytes : cap_bytes - 1;
    if (bytes > 0)
        memcpy(text, span->at, bytes);
    while (bytes > 0 && bytes < span->bytes && ((unsigned char)span->at[bytes] & 0xc0) == 0x80)
        bytes--; /* not in the middle of a letter */
    text[bytes] = '\0';
    return text;
}

char *scenario_say(const scenario_words *words, char *text, size_t cap_bytes)
{
    /* TRANSLATORS: the code of this language, as behind --lang */
    bool korean = strcmp(_("en"), "ko") == 0 && words->ko.bytes > 0;
    return scenario_span_text(korean ? &words->ko : &words->en, text, cap_bytes);
}

/* ---- Statements ---------------------------------------------------------------------------- */

static bool scenario_read_title(scenario_reader *r)
{
    return scenario_read_words(r, &r->s->title);
}

static bool scenario_read_korean(scenario_reader *r)
{
    if (r->last == NULL)
        return scenario_fail(r, "ko gives the Korean of a sentence on the line before; there is "
                                "none");
    return scenario_read_rest(r, "a sentence", &r->last->ko);
}

static bool scenario_read_port(scenario_reader *r)
{
    scenario_side side;
    uint64_t port = 0;
    if (!scenario_read_side(r, &side) ||
        !scenario_read_number(r, UINT16_MAX, "a port, 1 to 65535,", &port))
        return false;
    r->s->ports[side] = (uint16_t)port;
    return scenario_at_end(r);
}

static bool scenario_add_set(scenario_reader *r, scenario_side side, const setting_value *value)
{
    if (r->s->set_count == SCENARIO_SETTINGS_MAX)
        return scenario_fail(r, "one setting too many: a scenario takes %d", SCENARIO_SETTINGS_MAX);
    r->s->sets[r->s->set_count++] = (scenario_set){side, *value, r->line};
    return true;
}

/* "mtu 1400", for the sides from `first` to `last`. */
static bool scenario_read_set(scenario_reader *r, scenario_side first, scenario_side last)
{
    char key[SCENARIO_WORD_BYTES], why[SETTING_WHY_BYTES];
    setting_value value;
    scenario_next(r);
    memcpy(key, r->word, sizeof key);
    scenario_next(r);
    if (!setting_read(key, r->word, &value, why))
        return scenario_fail(r, "set `%s %s`: expected %s", key, r->word, why);
    for (unsigned side = first; side <= (unsigned)last; side++)
        if (!scenario_add_set(r, (scenario_side)side, &value))
            return false;
    return scenario_at_end(r);
}

static bool scenario_read_both(scenario_reader *r)
{
    return scenario_read_set(r, SCENARIO_CLIENT, SCENARIO_SERVER);
}

static bool scenario_read_of_side(scenario_reader *r)
{
    scenario_side side;
    scenario_back(r);
    if (!scenario_read_side(r, &side))
        return false;
    scenario_next(r);
    if (strcmp(r->word, "set") == 0)
        return scenario_read_set(r, side, side);
    if (strcmp(r->word, "deviate") != 0)
        return scenario_expected(r, "set or deviate (a call needs at or when before it)");
    scenario_next(r);
    if (strcmp(r->word, "two-way") != 0)
        return scenario_expected(r, "two-way");
    r->s->two_way[side] = true;
    return scenario_at_end(r);
}

static bool scenario_read_first_box(scenario_reader *r)
{
    uint32_t index;
    if (r->s->count == SCENARIO_STEPS_MAX)
        return scenario_fail(r, "one statement too many");
    if (!scenario_read_box(r, &index))
        return false;
    r->s->steps[r->s->count++] = (scenario_step){
        .moment = {.nth = 1}, .times = 1, .deed = DEED_BOX, .index = index, .line = r->line};
    return true;
}

static bool scenario_read_last_expect(scenario_reader *r)
{
    uint32_t index;
    if (!scenario_read_expect(r, &index))
        return false;
    r->s->check_at_end[index] = true;
    return true;
}

static bool scenario_read_fault(scenario_reader *r)
{
    char line[SCENARIO_LINE_BYTES], why[FAULT_WHY_BYTES];
    scenario_span span = {r->word_at, (uint32_t)(r->end - r->word_at)};
    r->at = r->end;
    return fault_plan_add(&r->s->plan, scenario_span_text(&span, line, sizeof line), why) ||
           scenario_fail(r, "%s", why);
}

static bool scenario_read_key(scenario_reader *r)
{
    uint64_t key = 0;
    if (!scenario_read_number(r, SCENARIO_KEY_MAX, "a number, 1 to 1000000,", &key))
        return false;
    r->s->key = (uint32_t)key;
    return scenario_at_end(r);
}

static bool scenario_read_until(scenario_reader *r)
{
    return scenario_read_time(r, &r->s->until_us) && scenario_at_end(r);
}

static bool scenario_read_plot(scenario_reader *r)
{
    static const char *const names[SCENARIO_PLOTS] = {
        [PLOT_CWND] = "cwnd", [PLOT_SEQUENCE] = "sequence", [PLOT_WINDOW] = "window"};
    scenario_next(r);
    size_t plot = scenario_index(r->word, names, SCENARIO_PLOTS);
    if (plot == SCENARIO_PLOTS)
        return scenario_expected(r, "cwnd, sequence or window");
    if (r->s->plot_count == SCENARIO_PLOTS_MAX)
        return scenario_fail(r, "one plot too many: a scenario takes %d", SCENARIO_PLOTS_MAX);
    r->s->plots[r->s->plot_count++] = (scenario_plot)plot;
    return scenario_at_end(r);
}

static bool scenario_read_ladder(scenario_reader *r)
{
    scenario_next(r);
    if (strcmp(r->word, "off") != 0)
        return scenario_expected(r, "off");
    r->s->no_ladder = true;
    return scenario_at_end(r);
}

/* ---- Variants ------------------------------------------------------------------------------ */

/* NAME, or KEY=VALUE: letters, digits and `-`. */
static bool scenario_is_variant_name(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t key = strspn(word, letters);
    size_t value = word[key] == '=' ? strspn(word + key + 1, letters) : 0;
    bool ends = word[key] == '\0' || (value > 0 && word[key + 1 + value] == '\0');
    return key > 0 && word[0] != '-' && ends && strlen(word) < SCENARIO_NAME_BYTES;
}

static scenario_variant *scenario_variant_find(scenario *s, const char *name)
{
    for (uint32_t i = 0; i < s->variant_count; i++)
        if (strcmp(s->variants[i].name, name) == 0)
            return &s->variants[i];
    return NULL;
}

static bool scenario_read_variant(scenario_reader *r)
{
    scenario_next(r);
    if (!scenario_is_variant_name(r->word))
        return scenario_expected(r, "a name of small letters, or one with =VALUE behind it,");
    if (scenario_variant_find(r->s, r->word) != NULL)
        return scenario_fail(r, "there is a variant %s already", r->word);
    if (r->s->variant_count == SCENARIO_VARIANTS_MAX)
        return scenario_fail(r, "one variant too many: a scenario takes %d", SCENARIO_VARIANTS_MAX);
    scenario_variant *variant = &r->s->variants[r->s->variant_count++];
    *variant = (scenario_variant){.against = false};
    memcpy(variant->name, r->word, strlen(r->word));
    return scenario_read_words(r, &variant->words);
}

static bool scenario_read_against(scenario_reader *r)
{
    for (scenario_next(r); r->word[0] != '\0'; scenario_next(r)) {
        scenario_variant *variant = scenario_variant_find(r->s, r->word);
        if (variant == NULL)
            return scenario_expected(r, "a variant that stands above");
        variant->against = true;
    }
    return true;
}

static bool scenario_is_chosen(const scenario_chosen *chosen, const char *name)
{
    for (uint32_t i = 0; chosen != NULL && i < chosen->count; i++)
        if (strcmp(chosen->names[i], name) == 0)
            return true;
    return false;
}

/* Reads "with NAME:" and "without NAME:" before a statement; *applies: does it hold? */
static bool scenario_read_prefixes(scenario_reader *r, const scenario_chosen *chosen, bool *applies)
{
    for (int i = 0; i < SCENARIO_PREFIXES_MAX; i++) {
        bool with = strcmp(r->word, "with") == 0;
        if (!with && strcmp(r->word, "without") != 0)
            return true;
        scenario_next(r);
        size_t bytes = strlen(r->word);
        if (bytes > 0 && r->word[bytes - 1] == ':')
            r->word[bytes - 1] = '\0';
        else
            return scenario_expected(r, "a variant and a colon");
        if (scenario_variant_find(r->s, r->word) == NULL)
            return scenario_expected(r, "a variant that stands above");
        *applies = *applies && scenario_is_chosen(chosen, r->word) == with;
        scenario_next(r);
    }
    return true;
}

/* ---- Lines --------------------------------------------------------------------------------- */

typedef struct scenario_statement {
    const char *name;
    bool (*read)(scenario_reader *r);
} scenario_statement;

static bool scenario_read_statement(scenario_reader *r)
{
    static const scenario_statement statements[] = {
        {"title", scenario_read_title},     {"at", scenario_read_at},
        {"when", scenario_read_when},       {"client", scenario_read_of_side},
        {"server", scenario_read_of_side},  {"set", scenario_read_both},
        {"port", scenario_read_port},       {"link", scenario_read_link},
        {"box", scenario_read_first_box},   {"lose", scenario_read_fault},
        {"duplicate", scenario_read_fault}, {"delay", scenario_read_fault},
        {"corrupt", scenario_read_fault},   {"key", scenario_read_key},
        {"until", scenario_read_until},     {"plot", scenario_read_plot},
        {"ladder", scenario_read_ladder},   {"expect", scenario_read_last_expect},
        {"figure", scenario_read_figure},   {"variant", scenario_read_variant},
        {"against", scenario_read_against},
    };
    if (strcmp(r->word, "ko") == 0)
        return scenario_read_korean(r);
    r->last = NULL;
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        if (strcmp(statements[i].name, r->word) == 0)
            return statements[i].read(r);
    return scenario_expected(r, "a statement (at, when, set, port, link, box, lose, duplicate, "
                                "delay, corrupt, key, until, plot, ladder, expect, figure, "
                                "variant, against, with, without, title, ko)");
}

/* A statement of a variant that is not chosen is read too, so that its mistakes are found, and
 * then forgotten. */
static bool scenario_read_line(scenario_reader *r, const scenario_chosen *chosen)
{
    scenario before;
    bool applies = true;

    scenario_next(r);
    if (r->word[0] == '\0')
        return true;
    if (!scenario_read_prefixes(r, chosen, &applies))
        return false;
    if (applies)
        return scenario_read_statement(r);
    before = *r->s;
    if (!scenario_read_statement(r))
        return false;
    *r->s = before;
    r->last = &r->nowhere;
    return true;
}

/* Where the line ends: before a comment, which begins the line or stands behind a blank. */
static const char *scenario_line_end(const char *line, const char *end)
{
    const char *at = line;
    while (at < end && !(*at == '#' && (at == line || at[-1] == ' ' || at[-1] == '\t')))
        at++;
    while (at > line && strchr(" \t\r", at[-1]) != NULL)
        at--;
    return at;
}

bool scenario_parse(scenario *s, const char *text, const scenario_chosen *chosen,
                    char why[SCENARIO_WHY_BYTES])
{
    scenario_reader r = {.s = s, .why = why};

    memset(s, 0, sizeof *s);
    s->ports[SCENARIO_SERVER] = 80;
    while (*text != '\0') {
        size_t bytes = strcspn(text, "\n");
        r.line++;
        r.at = text;
        r.end = scenario_line_end(text, text + bytes);
        if (r.end - text >= SCENARIO_LINE_BYTES)
            return scenario_fail(&r, "longer than %d octets", SCENARIO_LINE_BYTES - 1);
        if (!scenario_read_line(&r, chosen))
            return false;
        text += bytes + (text[bytes] == '\n' ? 1 : 0);
    }
    return s->count > 0 || scenario_fail(&r, "nobody does anything in this scenario");
}
