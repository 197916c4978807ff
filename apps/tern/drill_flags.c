/* drill_flags.c - see drill_flags.h. */
#include "apps/tern/drill_flags.h"

#include "apps/drill/run.h"
#include "apps/pkt/option_names.h"
#include "apps/tern/i18n.h"
#include "apps/tern/message.h"

#include <stdbool.h>
#include <string.h>

enum { FLAG_NAME_BYTES = 32 };

/* Is the word a flag of packetdrill's that tern drill leaves to the scripts' settings? */
static bool flags_known(const char *word, char name[FLAG_NAME_BYTES], bool *value_wanted)
{
    size_t bytes = strcspn(word + 2, "=");

    if (bytes == 0 || bytes >= FLAG_NAME_BYTES)
        return false;
    memcpy(name, word + 2, bytes);
    name[bytes] = '\0';
    return strcmp(name, "define") != 0 && strcmp(name, "ip_version") != 0 &&
           pkt_option_known(name, value_wanted);
}

/* One flag, whose name ends at '=' or at its end; argv's own memory is taken apart. */
static int flags_add(drill_flags *flags, char *word, char *value)
{
    drill_verdict verdict = {.outcome = DRILL_PASS};

    if (flags->count == DRILL_FLAGS_MAX)
        return message_usage("drill", _("more than %d flags of packetdrill's"), DRILL_FLAGS_MAX);
    word[2 + strcspn(word + 2, "=")] = '\0';
    pkt_option *o = &flags->option[flags->count];
    *o = (pkt_option){.name = word + 2, .value = value};
    if (!drill_option_check(o, &verdict))
        return message_usage("drill", "%s", verdict.text);
    if (flags->count > 0)
        flags->option[flags->count - 1].next = o;
    flags->count++;
    return EXIT_DONE;
}

int drill_flags_take(drill_flags *flags, int *argc, char **argv)
{
    int kept = 1, status = EXIT_DONE, at = 1;

    for (; at < *argc && status == EXIT_DONE && strcmp(argv[at], "--") != 0; at++) {
        char name[FLAG_NAME_BYTES], *value = strchr(argv[at], '=');
        bool value_wanted = false;
        if (strncmp(argv[at], "--", 2) != 0 || !flags_known(argv[at], name, &value_wanted)) {
            argv[kept++] = argv[at];
            continue;
        }
        char *word = argv[at];
        if (value != NULL)
            value++;
        else if (value_wanted && at + 1 < *argc)
            value = argv[++at];
        if (value_wanted && value == NULL)
            return message_usage("drill", _("--%s wants a value"), name);
        status = flags_add(flags, word, value);
    }
    while (at < *argc)
        argv[kept++] = argv[at++];
    *argc = kept;
    argv[kept] = NULL;
    return status;
}
