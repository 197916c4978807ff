/* output.c - writes a body to stdout or, by way of a temporary file, to its place. */
#define _GNU_SOURCE
#include "apps/tern/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Creates a file beside path that nobody else has. */
static bool output_create(output *o, const char *path)
{
    mode_t mask = umask(0);

    (void)umask(mask);
    if (asprintf(&o->temporary, "%s.XXXXXX", path) < 0) {
        o->temporary = NULL;
        return false;
    }
    o->fd = mkostemp(o->temporary, O_CLOEXEC);
    if (o->fd < 0 || fchmod(o->fd, 0666 & ~mask) < 0) {
        int saved = errno;
        (void)output_close(o, false);
        errno = saved;
        return false;
    }
    return true;
}

bool output_open(output *o, const char *path)
{
    struct stat status;
    bool there = path != NULL && stat(path, &status) == 0;

    *o = (output){.fd = STDOUT_FILENO, .path = path};
    if (path != NULL && there && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    if (path != NULL && (!there || S_ISREG(status.st_mode)))
        return output_create(o, path);
    if (path != NULL)
        o->fd = open(path, O_WRONLY | O_CLOEXEC);
    if (o->fd < 0)
        return false;
    o->pipe = fstat(o->fd, &status) == 0 && !S_ISREG(status.st_mode);
    return true;
}

size_t output_room(const output *o)
{
    struct pollfd fd = output_poll(o);

    if (!o->pipe)
        return SIZE_MAX;
    /* A pipe that is writable takes PIPE_BUF octets without waiting (pipe(7)). */
    return poll(&fd, 1, 0) > 0 ? PIPE_BUF : 0;
}

struct pollfd output_poll(const output *o)
{
    return (struct pollfd){.fd = o->fd, .events = POLLOUT};
}

bool output_write(output *o, const void *data, size_t bytes)
{
    const char *at = data;

    while (bytes > 0) {
        ssize_t written = write(o->fd, at, bytes);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        bytes -= (size_t)written;
    }
    return true;
}

bool output_close(output *o, bool complete)
{
    bool good = true;

    if (o->path != NULL && o->fd >= 0)
        good = close(o->fd) == 0;
    if (o->temporary != NULL && complete)
        good = good && rename(o->temporary, o->path) == 0;
    if (o->temporary != NULL && (!complete || !good)) {
        int saved = errno;
        (void)unlink(o->temporary);
        errno = saved;
    }
    free(o->temporary);
    *o = (output){.fd = -1};
    return good;
}
