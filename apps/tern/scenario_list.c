/* scenario_list.c - the scenarios that are built in, in the order of a first reading. */
#include "apps/tern/scenario_entries.h"

#include <string.h>

const scenario_entry *scenario_list(size_t index)
{
    for (size_t i = 0; i <= index; i++)
        if (scenario_entries[i].name == NULL)
            return NULL;
    return &scenario_entries[index];
}

const scenario_entry *scenario_find(const char *name)
{
    for (const scenario_entry *entry = scenario_entries; entry->name != NULL; entry++)
        if (strcmp(entry->name, name) == 0)
            return entry;
    return NULL;
}
