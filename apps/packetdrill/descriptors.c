/* descriptors.c - see plugin.h. */
#define _GNU_SOURCE
#include "apps/packetdrill/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { DESCRIPTORS_FIRST = 512, DESCRIPTORS_TRIES = 1024 };

/* Numbers above those that a program is likely to use, below its limit. */
static int descriptors_lowest(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= DESCRIPTORS_FIRST + DESCRIPTORS_TRIES)
        return DESCRIPTORS_FIRST;
    return limit.rlim_cur > 2 * MACHINE_DESCRIPTORS ? (int)limit.rlim_cur - MACHINE_DESCRIPTORS : 3;
}

int descriptors_reserve(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int first = descriptors_lowest(), count = 0;

    for (int tries = 0; null >= 0 && count < MACHINE_DESCRIPTORS && tries < DESCRIPTORS_TRIES;
         tries++) {
        int got = fcntl(null, F_DUPFD_CLOEXEC, first + count);
        if (got < 0)
            break;
        if (got == first + count) {
            count++;
            continue;
        }
        for (int i = 0; i < count; i++) /* somebody has a number in the middle: behind it, then */
            (void)close(first + i);
        first = got;
        count = 1;
    }
    if (null >= 0)
        (void)close(null);
    if (count == MACHINE_DESCRIPTORS)
        return first;
    for (int i = 0; i < count; i++)
        (void)close(first + i);
    errno = EMFILE;
    return -1;
}

void descriptors_release(int first)
{
    struct stat null, here;

    if (stat("/dev/null", &null) != 0)
        return;
    for (int fd = first; fd < first + MACHINE_DESCRIPTORS; fd++)
        if (fstat(fd, &here) == 0 && S_ISCHR(here.st_mode) && here.st_rdev == null.st_rdev)
            (void)close(fd);
}
