/* output.h - where a fetched body goes: stdout, or a file that is there whole or not at all.
 *
 * A file is written under a temporary name beside its own and renamed when it is complete; until
 * then, and after a failure, what was there before stays. What is no regular file (/dev/null, a
 * pipe) is written directly. */
#ifndef TERN_APPS_OUTPUT_H
#define TERN_APPS_OUTPUT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct output {
    int fd;
    const char *path; /* NULL: stdout */
    char *temporary;  /* NULL: written directly */
    bool pipe;        /* it may be full: output_room() asks */
} output;

/* path NULL: stdout. false: errno says why. */
bool output_open(output *o, const char *path);

/* How many octets can be written now without waiting; 0: wait for what output_poll() gives. */
size_t output_room(const output *o);
struct pollfd output_poll(const output *o);

/* Writes all. false: errno says why. */
bool output_write(output *o, const void *data, size_t bytes);

/* Gives the file its name when it is complete, removes it when it is not. false: errno says why. */
bool output_close(output *o, bool complete);

#endif
