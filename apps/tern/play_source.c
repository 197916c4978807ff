/* play_source.c - see play_source.h. */
#define _GNU_SOURCE
#include "apps/tern/play_source.h"

#include "apps/tern/message.h"
#include "apps/tern/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool play_source_is_path(const char *word)
{
    static const char ending[] = ".scenario";
    size_t bytes = strlen(word), tail = sizeof ending - 1;

    return strchr(word, '/') != NULL || (bytes > tail && strcmp(word + bytes - tail, ending) == 0);
}

/* The octets of the letter at `at`: 0 when it is none in UTF-8 (RFC 3629 4), or is NUL. */
static size_t source_letter(const unsigned char *at, const unsigned char *end)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t first; /* code that needs so many octets */
    } forms[] = {
        {0x80, 0x00, 0x01}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t form = 0; form < 4; form++) {
        if ((*at & forms[form].mask) != forms[form].lead)
            continue;
        uint32_t code = *at & (unsigned char)~forms[form].mask;
        for (size_t i = 1; i <= form; i++) {
            if (end - at <= (ptrdiff_t)i || (at[i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (at[i] & 0x3fU);
        }
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        return code >= forms[form].first && code <= 0x10ffff && !surrogate ? form + 1 : 0;
    }
    return 0;
}

/* The line of the first octet that no text has; 0: all is text. */
static unsigned source_bad_line(const char *text, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + bytes;
    unsigned line = 1;

    while (at < end) {
        size_t letter = source_letter(at, end);
        if (letter == 0)
            return line;
        line += *at == '\n' ? 1 : 0;
        at += letter;
    }
    return 0;
}

static int source_read(play_source *source, FILE *file)
{
    source->read = malloc(SCENARIO_TEXT_BYTES + 1);
    if (source->read == NULL)
        return message_fail(EXIT_FAILED, "play", _("there is not enough memory"));
    source->text = source->read;
    size_t bytes = fread(source->read, 1, SCENARIO_TEXT_BYTES + 1, file);
    if (ferror(file) != 0)
        return message_fail(EXIT_FAILED, "play", _("cannot read %s: %s"), source->name,
                            strerror(errno));
    if (bytes > SCENARIO_TEXT_BYTES)
        return message_fail(EXIT_FAILED, "play", _("%s is longer than %d octets"), source->name,
                            SCENARIO_TEXT_BYTES);
    source->read[bytes] = '\0';
    unsigned line = source_bad_line(source->read, bytes);
    if (line > 0)
        return message_fail(EXIT_FAILED, "play", _("%s, line %u: this is no text in UTF-8"),
                            source->name, line);
    return EXIT_DONE;
}

int play_source_open(play_source *source, const char *word)
{
    *source = (play_source){.name = word};
    if (!play_source_is_path(word)) {
        const scenario_entry *entry = scenario_find(word);
        if (entry == NULL)
            return message_usage("play", _("there is no scenario '%s': tern play --list has them"),
                                 word);
        source->text = entry->text;
        return EXIT_DONE;
    }
    FILE *file = fopen(word, "re");
    if (file == NULL)
        return message_fail(EXIT_FAILED, "play", _("cannot read %s: %s"), word, strerror(errno));
    int status = source_read(source, file);
    (void)fclose(file);
    return status;
}

void play_source_close(play_source *source)
{
    free(source->read);
    source->read = NULL;
}
