/* property.h - PROPERTY: what must hold for every input of a fuzz target, or the program aborts. */
#ifndef TERN_FUZZ_PROPERTY_H
#define TERN_FUZZ_PROPERTY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define PROPERTY(condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A heap block of exactly these octets, so that the address sanitizer sees its end. */
static inline uint8_t *property_copy(const void *data, size_t bytes)
{
    uint8_t *copy = calloc(1, bytes > 0 ? bytes : 1);

    PROPERTY(copy != NULL);
    if (bytes > 0)
        memcpy(copy, data, bytes);
    return copy;
}

#endif
