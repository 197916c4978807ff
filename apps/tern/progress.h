/* progress.h - one line on a terminal that says how far a transfer is. */
#ifndef TERN_APPS_PROGRESS_H
#define TERN_APPS_PROGRESS_H

#include "tern/tern.h"

#include <stdio.h>

typedef struct progress {
    FILE *out; /* NULL: nothing is shown */
    tern_time start_us, next_us;
    bool drawn;
} progress;

/* out NULL: show nothing. */
void progress_begin(progress *p, FILE *out, tern_time now_us);

/* Draws the line anew, at most five times a second. total 0: not known. */
void progress_show(progress *p, tern_time now_us, uint64_t octets, uint64_t total);

/* Draws the last line and ends it. */
void progress_end(progress *p, tern_time now_us, uint64_t octets, uint64_t total);

/* "1.5 MB": three digits and a decimal unit. */
enum { PROGRESS_SIZE_BYTES = 32 };
const char *progress_size(double octets, char text[PROGRESS_SIZE_BYTES]);

#endif
