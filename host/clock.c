/* clock.c - reads the system's clocks. */
#define _GNU_SOURCE
#include "host/clock.h"

#include <time.h>

static uint64_t clock_read_us(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now); /* cannot fail for the two clocks below */
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

tern_time clock_now_us(void)
{
    tern_time now_us = clock_read_us(CLOCK_MONOTONIC);

    return now_us == TERN_NOW ? 1 : now_us;
}

uint64_t clock_wall_us(void)
{
    return clock_read_us(CLOCK_REALTIME);
}
