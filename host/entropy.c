/* entropy.c - getrandom(), until all is filled. */
#define _GNU_SOURCE
#include "host/entropy.h"

#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

bool entropy_fill(void *bytes, size_t count)
{
    uint8_t *at = bytes;

    while (count > 0) {
        ssize_t got = getrandom(at, count, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        count -= (size_t)got;
    }
    return true;
}
