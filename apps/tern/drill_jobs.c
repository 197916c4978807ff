/* drill_jobs.c - many scripts at a time, each in a process that may die.
 *
 * Worker k of n takes the scripts k, k + n, k + 2n ... and writes each result into its pipe. When
 * the pipe ends too soon, the script that was next has killed it: that is its result, and another
 * worker goes on behind it. */
#define _GNU_SOURCE
#include "apps/tern/drill_jobs.h"

#include "apps/tern/i18n.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct jobs_worker {
    pid_t pid;
    int fd; /* -1: it has done all */
    size_t next;
} jobs_worker;

/* A result in a pipe: this, then the line and the picture, each with its NUL; 0 octets: NULL. */
typedef struct jobs_message {
    drill_result result;
    size_t line_bytes, picture_bytes;
} jobs_message;

static bool jobs_write(int fd, const void *data, size_t bytes)
{
    const char *at = data;

    while (bytes > 0) {
        ssize_t n = write(fd, at, bytes);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? n : 0;
        bytes -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool jobs_read(int fd, void *data, size_t bytes)
{
    char *at = data;

    while (bytes > 0) {
        ssize_t n = read(fd, at, bytes);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        at += n > 0 ? n : 0;
        bytes -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* ---- A worker ------------------------------------------------------------------------------- */

static void jobs_work(const drill_jobs *jobs, size_t first, int fd)
{
    for (size_t i = first; i < jobs->count; i += jobs->jobs) {
        jobs_message m = {.line_bytes = 0};
        (void)alarm(DRILL_SECONDS_MAX);
        drill_one(&jobs->work[i], jobs->how, &m.result);
        m.line_bytes = m.result.line != NULL ? strlen(m.result.line) + 1 : 0;
        m.picture_bytes = m.result.picture != NULL ? strlen(m.result.picture) + 1 : 0;
        bool written = jobs_write(fd, &m, sizeof m) &&
                       jobs_write(fd, m.result.line, m.line_bytes) &&
                       jobs_write(fd, m.result.picture, m.picture_bytes);
        drill_result_clear(&m.result);
        if (!written)
            return;
    }
}

static bool jobs_begin(const drill_jobs *jobs, jobs_worker *w)
{
    int ends[2];

    w->fd = -1;
    if (w->next >= jobs->count)
        return true;
    if (pipe(ends) < 0)
        return false;
    (void)fflush(NULL);
    w->pid = fork();
    if (w->pid == 0) {
        (void)close(ends[0]);
        jobs_work(jobs, w->next, ends[1]);
        _exit(0);
    }
    (void)close(ends[1]);
    if (w->pid < 0) {
        (void)close(ends[0]);
        return false;
    }
    w->fd = ends[0];
    return true;
}

/* ---- The one who gives out work -------------------------------------------------------------- */

static bool jobs_take_text(int fd, char **text, size_t bytes)
{
    *text = bytes > 0 ? malloc(bytes) : NULL;
    return bytes == 0 || (*text != NULL && jobs_read(fd, *text, bytes));
}

/* The next result of a worker. false: it has died. */
static bool jobs_take(const drill_jobs *jobs, const jobs_worker *w)
{
    drill_result *result = &jobs->results[w->next];
    jobs_message m;

    if (!jobs_read(w->fd, &m, sizeof m))
        return false;
    *result = m.result;
    result->line = result->picture = NULL;
    return jobs_take_text(w->fd, &result->line, m.line_bytes) &&
           jobs_take_text(w->fd, &result->picture, m.picture_bytes);
}

/* Its end, after it has closed its pipe. */
static void jobs_bury(const drill_jobs *jobs, jobs_worker *w, bool died)
{
    int status = 0;

    (void)close(w->fd);
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!died)
        return;
    drill_result *result = &jobs->results[w->next];
    drill_result_clear(result);
    *result = (drill_result){.end = DRILL_END_ERROR, .rule = TERN_RULE_NONE};
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        (void)snprintf(result->text, sizeof result->text, _("takes more than %d seconds"),
                       DRILL_SECONDS_MAX);
    else
        (void)snprintf(result->text, sizeof result->text, _("the runner died of it (%s)"),
                       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit");
}

/* A worker has something to say. false: no process can be made. */
static bool jobs_hear(const drill_jobs *jobs, jobs_worker *w, size_t *done)
{
    bool lives = jobs_take(jobs, w), begun = true;
    size_t which = w->next;

    if (!lives)
        jobs_bury(jobs, w, true);
    w->next += jobs->jobs;
    if (!lives)
        begun = jobs_begin(jobs, w);
    else if (w->next >= jobs->count) {
        jobs_bury(jobs, w, false);
        w->fd = -1;
    }
    (*done)++;
    if (jobs->done != NULL)
        jobs->done(jobs->context, *done, which);
    return begun;
}

bool drill_jobs_run(const drill_jobs *jobs)
{
    jobs_worker workers[DRILL_JOBS_MAX];
    struct pollfd fds[DRILL_JOBS_MAX];
    size_t done = 0;
    bool good = true;

    memset(jobs->results, 0, jobs->count * sizeof *jobs->results);
    for (unsigned k = 0; k < jobs->jobs; k++) {
        workers[k] = (jobs_worker){.fd = -1, .next = k};
        good = good && jobs_begin(jobs, &workers[k]);
    }
    while (good && done < jobs->count) {
        for (unsigned k = 0; k < jobs->jobs; k++)
            fds[k] = (struct pollfd){.fd = workers[k].fd, .events = POLLIN};
        if (poll(fds, jobs->jobs, -1) < 0 && errno != EINTR)
            good = false;
        for (unsigned k = 0; k < jobs->jobs && good; k++)
            if (fds[k].revents != 0)
                good = jobs_hear(jobs, &workers[k], &done);
    }
    return good;
}
