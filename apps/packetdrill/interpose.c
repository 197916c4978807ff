/* interpose.c - getsockopt(), close() and system() as the program sees them, when this object is
 * preloaded.
 *
 * packetdrill asks libc, not the interface, for the TCP_INFO of an assertion, and lets libc close
 * what a script left open. With LD_PRELOAD naming the same file as --so_filename both come here
 * first; descriptors that are not tern's go on to libc. So do commands with shell=yes. */
#define _GNU_SOURCE
#include "apps/packetdrill/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define INTERPOSE_CODE " /tmp/code_" /* packetdrill gives assertions to python3 in such a file */

enum { INTERPOSE_STATUS_1 = 1 << 8 }; /* as wait() has an exit status */

static _Atomic(machine *) owner;
static atomic_int owner_first;

void interpose_set(machine *m, int first_descriptor)
{
    atomic_store(&owner_first, first_descriptor);
    atomic_store(&owner, m);
}

bool interpose_owns(int fd)
{
    int first = atomic_load(&owner_first);

    return atomic_load(&owner) != NULL && fd >= first && fd < first + MACHINE_DESCRIPTORS;
}

/* libc's function of this name. */
static void *interpose_next(const char *name)
{
    void *next = dlsym(RTLD_NEXT, name);

    if (next == NULL)
        errno = ENOSYS;
    return next;
}

__attribute__((visibility("default"))) int getsockopt(int fd, int level, int name, void *value,
                                                      socklen_t *bytes)
{
    machine *m = atomic_load(&owner);

    if (m != NULL && interpose_owns(fd)) {
        tern_sockets *s = machine_enter(m);
        tern_sockets_option option = {level, name, value, *bytes};
        if (s == NULL)
            return -1;
        int result = tern_sockets_getsockopt(s, fd, &option);
        *bytes = option.bytes;
        return (int)machine_leave(m, result);
    }
    int (*next)(int, int, int, void *, socklen_t *) = NULL;
    *(void **)&next = interpose_next("getsockopt");
    return next != NULL ? next(fd, level, name, value, bytes) : -1;
}

__attribute__((visibility("default"))) int close(int fd)
{
    machine *m = atomic_load(&owner);
    tern_sockets *s = m != NULL && interpose_owns(fd) ? machine_enter(m) : NULL;

    if (s != NULL) {
        if (tern_sockets_is_open(s, fd))
            return (int)machine_leave(m, tern_sockets_close(s, fd));
        (void)machine_leave(m, 0);
    }
    int (*next)(int) = NULL;
    *(void **)&next = interpose_next("close");
    return next != NULL ? next(fd) : -1;
}

__attribute__((visibility("default"))) int system(const char *command)
{
    machine *m = atomic_load(&owner);
    int (*next)(const char *) = NULL;

    if (m != NULL && command != NULL && !machine_has_shell(m) &&
        strstr(command, INTERPOSE_CODE) == NULL)
        return machine_command(m, command) ? 0 : INTERPOSE_STATUS_1;
    *(void **)&next = interpose_next("system");
    return next != NULL ? next(command) : -1;
}
