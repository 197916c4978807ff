/* memory.h - what is wrong with a configuration. */
#ifndef TERN_STACK_MEMORY_H
#define TERN_STACK_MEMORY_H

#include "tern/tern.h"

/* The fields that say how a connection behaves: which is wrong and its limits; NULL: none. */
const char *memory_behaviour_wrong(const tern_config *c);

#endif
