/* message.h - the one line that tells what went wrong: "tern get: what, where, what to do". */
#ifndef TERN_APPS_MESSAGE_H
#define TERN_APPS_MESSAGE_H

#include "apps/tern/i18n.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Prints the line to stderr and returns the status, so that both can be one statement. */
int message_fail(int status, const char *verb, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for wrong usage: points at `tern VERB --help` and returns EXIT_USAGE. */
int message_usage(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
