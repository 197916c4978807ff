/* coverage_show.h - what stacks have reached, for a reader, for machines, as a picture. */
#ifndef TERN_APPS_COVERAGE_SHOW_H
#define TERN_APPS_COVERAGE_SHOW_H

#include "apps/tern/coverage.h"
#include "draw/style.h"

/* Segments by state, changes of state and rules, those never reached too. */
void coverage_show(const coverage *c, FILE *out, const draw_style *style);

/* Three kinds of lines: docs/JSON.md. */
void coverage_json(const coverage *c, FILE *out);

/* State by segment. */
void coverage_svg(const coverage *c, FILE *out);

#endif
