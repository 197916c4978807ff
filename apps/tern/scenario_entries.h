/* scenario_entries.h - the texts of scenarios/, made into C by cmake/TernScenarios.cmake. */
#ifndef TERN_APPS_SCENARIO_ENTRIES_H
#define TERN_APPS_SCENARIO_ENTRIES_H

#include "apps/tern/scenario.h"

/* In the order of scenarios/ORDER; the last has no name. */
extern const scenario_entry scenario_entries[];

#endif
