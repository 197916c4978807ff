/* entropy.h - the secret of a stack, from the system's random numbers. */
#ifndef TERN_HOST_ENTROPY_H
#define TERN_HOST_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>

/* Fills bytes with random octets fit for a key. false: the system has none to give. */
bool entropy_fill(void *bytes, size_t count);

#endif
