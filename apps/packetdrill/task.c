/* task.c - see task.h. */
#define _GNU_SOURCE
#include "apps/packetdrill/task.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t task_self(void)
{
    return (pid_t)syscall(SYS_gettid);
}

/* proc(5): behind the name in parentheses stands the state, R for one that runs. */
bool task_sleeps(pid_t task)
{
    char path[64], line[256];

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)task);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return true;
    const char *name_end = fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL;
    (void)fclose(file);
    return name_end == NULL || name_end[1] != ' ' || name_end[2] != 'R';
}
