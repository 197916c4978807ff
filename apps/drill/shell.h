/* shell.h - a text split into commands and words, as a shell would without variables or files. */
#ifndef TERN_APPS_DRILL_SHELL_H
#define TERN_APPS_DRILL_SHELL_H

#include <stdbool.h>
#include <stddef.h>

enum { SHELL_TEXT_BYTES = 4096, SHELL_WORDS_MAX = 64 };

/* One command: its words, and what ended it. */
typedef struct shell_command {
    char text[SHELL_TEXT_BYTES];
    char *words[SHELL_WORDS_MAX];
    size_t count;
    char end[3]; /* "|", "||", "&&", ";" or a newline; empty: the end of the text */
} shell_command;

/* The next command of a text, without redirections and comments. Quotes hold a word together.
 * Returns what is behind it. */
const char *shell_split(const char *text, shell_command *c);

#endif
