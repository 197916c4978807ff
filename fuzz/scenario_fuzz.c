/* scenario_fuzz.c - any text as a scenario: what is taken is inside its bounds and refers to
 * nothing that is not there; what is not taken says on which line. */
#include "apps/tern/scenario.h"
#include "fuzz/property.h"

static void check_span(const char *text, const scenario_span *span)
{
    if (span->bytes == 0)
        return;
    PROPERTY(span->at >= text && span->at + span->bytes <= text + strlen(text));
    PROPERTY(memchr(span->at, '\n', span->bytes) == NULL);
}

static void check_step(const char *text, const scenario *s, const scenario_step *step)
{
    static const uint32_t none = 0;
    const uint32_t *limit = step->deed == DEED_BOX      ? &s->box_count
                            : step->deed == DEED_ATTACK ? &s->attack_count
                            : step->deed == DEED_EXPECT ? &s->check_count
                                                        : &none;
    PROPERTY(step->moment.event < SCENARIO_EVENTS && step->moment.nth >= 1);
    PROPERTY(step->moment.where < SCENARIO_SIDES && step->side < SCENARIO_SIDES);
    PROPERTY(step->call < SCENARIO_CALLS && step->times >= 1);
    PROPERTY(step->times == 1 || step->every_us > 0);
    PROPERTY(limit == &none || step->index < *limit);
    check_span(text, &step->words.en);
    check_span(text, &step->words.ko);
    check_span(text, &step->source);
}

static void check_scenario(const char *text, const scenario *s)
{
    char words[SCENARIO_LINE_BYTES];
    tern_config config;

    PROPERTY(s->count >= 1 && s->count <= SCENARIO_STEPS_MAX);
    for (uint32_t i = 0; i < s->count; i++)
        check_step(text, s, &s->steps[i]);
    for (uint32_t i = 0; i < s->attack_count; i++)
        PROPERTY(s->attacks[i].count >= 1 && s->attacks[i].to < SCENARIO_SIDES);
    for (uint32_t i = 0; i < s->check_count; i++)
        check_span(text, &s->checks[i].said);
    for (uint32_t i = 0; i < s->figure_count; i++)
        check_span(text, &s->figures[i].words.en);
    PROPERTY(strlen(scenario_say(&s->title, words, sizeof words)) < sizeof words);
    tern_config_init(&config);
    for (uint32_t i = 0; i < s->set_count; i++)
        setting_apply(&config, &s->sets[i].value);
    (void)tern_size(&config, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static scenario s;
    char why[SCENARIO_WHY_BYTES] = "";
    scenario_chosen chosen = {.count = 0};
    char *text = malloc(bytes + 1);

    PROPERTY(text != NULL);
    if (bytes > 0)
        memcpy(text, data, bytes);
    text[bytes] = '\0';
    if (scenario_parse(&s, text, NULL, why)) {
        check_scenario(text, &s);
        chosen.count = s.variant_count;
        for (uint32_t i = 0; i < s.variant_count; i++)
            memcpy(chosen.names[i], s.variants[i].name, sizeof chosen.names[i]);
        if (scenario_parse(&s, text, &chosen, why))
            check_scenario(text, &s);
    } else {
        PROPERTY(strncmp(why, "line ", 5) == 0 && strlen(why) < sizeof why);
    }
    free(text);
    return 0;
}
