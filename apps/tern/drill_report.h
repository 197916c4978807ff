/* drill_report.h - what came of scripts: for a reader, for machines. */
#ifndef TERN_APPS_DRILL_REPORT_H
#define TERN_APPS_DRILL_REPORT_H

#include "apps/tern/drill_one.h"

#include <stdio.h>

typedef struct drill_report {
    const drill_work *work;
    const drill_result *results;
    size_t count;
} drill_report;

/* How many ended so. */
size_t drill_report_count(const drill_report *report, drill_end end);

/* One that did not pass: place, reason, line, rule, picture. */
void drill_report_one(FILE *out, const drill_work *work, const drill_result *result);

/* The last line. */
void drill_report_summary(FILE *out, const drill_report *report);

/* A JSON object a line. */
void drill_report_json(FILE *out, const drill_report *report);

/* The form of JUnit that servers for continuous integration read. */
void drill_report_junit(FILE *out, const drill_report *report);

#endif
