/* drill_fuzz.c - any text that is a script, run: it comes to an end, twice the same, and its
 * verdict has a reason and a place. */
#include "apps/drill/run.h"
#include "fuzz/property.h"
#include "tern/profile.h"

static void play(const pkt_script *script, drill_family family, drill_verdict *verdict)
{
    drill_options options = {.family = family, .leftovers = family == DRILL_IPV6};

    tern_config_init(&options.config);
    PROPERTY(tern_config_profile(&options.config, TERN_PROFILE_LINUX) == TERN_OK);
    options.config.details = true;
    options.config.connections_max = 16;
    options.config.chunks_max = 256;
    drill_play(script, &options, verdict);
    PROPERTY(verdict->outcome >= DRILL_PASS && verdict->outcome <= DRILL_ERROR);
    PROPERTY((verdict->outcome == DRILL_PASS) == (verdict->text[0] == '\0'));
    PROPERTY(strlen(verdict->text) < DRILL_TEXT_BYTES);
    PROPERTY(verdict->outcome == DRILL_PASS || verdict->place.line >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *text = (char *)property_copy(data, bytes);
    pkt_source source = {"fuzz", text, bytes, NULL, 0};
    drill_family family = bytes > 0 ? (drill_family)(data[bytes - 1] % 3) : DRILL_IPV4;
    drill_verdict first, second;
    pkt_error error;
    pkt_script *script = pkt_parse(&source, &error);

    if (script != NULL) {
        play(script, family, &first);
        play(script, family, &second);
        PROPERTY(first.outcome == second.outcome && strcmp(first.text, second.text) == 0);
        PROPERTY(first.at_us == second.at_us && first.rule == second.rule);
    }
    pkt_free(script);
    free(text);
    return 0;
}
