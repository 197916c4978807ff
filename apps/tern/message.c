/* message.c - prints error lines. */
#include "apps/tern/message.h"

#include <stdarg.h>
#include <stdio.h>

int message_fail(int status, const char *verb, const char *format, ...)
{
    va_list arguments;

    (void)fflush(stdout);
    (void)fprintf(stderr, "tern %s: ", verb);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    return status;
}

int message_usage(const char *verb, const char *format, ...)
{
    va_list arguments;

    (void)fflush(stdout);
    (void)fprintf(stderr, "tern %s: ", verb);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, _(" (see: tern %s --help)\n"), verb);
    return EXIT_USAGE;
}
