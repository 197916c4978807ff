/* measure_field.h - the numbers of a connection and of a stack that a scenario may ask for, by
 * name. */
#ifndef TERN_APPS_MEASURE_FIELD_H
#define TERN_APPS_MEASURE_FIELD_H

#include "tern/status.h"

enum { MEASURE_FIELDS_MAX = 40 };

/* NULL past the last. */
const char *measure_field_name(uint32_t field);

/* Of the stack's use of memory, and not of a connection? */
bool measure_field_is_usage(uint32_t field);

uint64_t measure_field_of_status(uint32_t field, const tern_status *status);
uint64_t measure_field_of_usage(uint32_t field, const tern_usage *usage);

#endif
