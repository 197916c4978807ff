/* clock.h - the time that a program gives to tern: monotonic, in microseconds. */
#ifndef TERN_HOST_CLOCK_H
#define TERN_HOST_CLOCK_H

#include "tern/tern.h"

/* CLOCK_MONOTONIC. Never 0, so it never reads as TERN_NOW. */
tern_time clock_now_us(void);

/* Microseconds since 1970, for the timestamps of a capture; it may jump. */
uint64_t clock_wall_us(void);

#endif
