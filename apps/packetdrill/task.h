/* task.h - the threads of this process, as the system sees them. */
#ifndef TERN_APPS_PACKETDRILL_TASK_H
#define TERN_APPS_PACKETDRILL_TASK_H

#include <stdbool.h>
#include <sys/types.h>

/* The thread that asks. */
pid_t task_self(void);

/* Does it wait for something, or is it gone? */
bool task_sleeps(pid_t task);

#endif
