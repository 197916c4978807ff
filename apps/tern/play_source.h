/* play_source.h - where a scenario comes from: those that are built in, or a file of the user's. */
#ifndef TERN_APPS_PLAY_SOURCE_H
#define TERN_APPS_PLAY_SOURCE_H

#include <stdbool.h>

typedef struct play_source {
    const char *name; /* of one that is built in, or the path */
    const char *text;
    char *read; /* the same, when it was read from a file: the source's own */
} play_source;

/* Is the word a path, and not a name? It has a `/`, or ends in ".scenario". */
bool play_source_is_path(const char *word);

/* Finds it, or reads it: at most SCENARIO_TEXT_BYTES of UTF-8 without NUL. Returns EXIT_DONE, or
 * the exit status when it has said what is wrong. */
int play_source_open(play_source *source, const char *word);
void play_source_close(play_source *source);

#endif
