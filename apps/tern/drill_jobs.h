/* drill_jobs.h - many scripts at a time, each in a process that may die. */
#ifndef TERN_APPS_DRILL_JOBS_H
#define TERN_APPS_DRILL_JOBS_H

#include "apps/tern/drill_one.h"

enum { DRILL_JOBS_MAX = 256, DRILL_SECONDS_MAX = 60 };

typedef struct drill_jobs {
    const drill_how *how;
    const drill_work *work;
    size_t count;
    unsigned jobs;         /* processes at a time, 1 .. DRILL_JOBS_MAX */
    drill_result *results; /* of count; room for them is the caller's, what they hold too */
    /* NULL, or told after each: how many are done, and the one that is. */
    void (*done)(void *context, size_t done, size_t which);
    void *context;
} drill_jobs;

/* Runs all. A script that kills its process, or takes more than DRILL_SECONDS_MAX of real time,
 * has DRILL_END_ERROR. false: no process can be made (errno). */
bool drill_jobs_run(const drill_jobs *jobs);

#endif
