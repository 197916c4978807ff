/* python.c - see python.h. */
#define _GNU_SOURCE
#include "apps/drill/python.h"

#include "apps/tern/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PYTHON_PROGRAM_BYTES = 4 << 20,
    PYTHON_SAID_BYTES = 512,
    PYTHON_TIMEOUT_MS = 10000,
    PYTHON_NOT_FOUND = 127,
};

/* Each piece is compiled with so many empty lines in front that Python counts lines as the script
 * does. What went wrong is said in one line: where, what. */
static const char python_head[] =
    "import sys, textwrap\n"
    "names = {}\n"
    "def piece(line, values, code):\n"
    "    names.update(values)\n"
    "    code = bytes.fromhex(code).decode('utf-8', 'replace')\n"
    "    own = code.lstrip(' \\t')\n"
    "    code = textwrap.dedent(code) if own[:1] == '\\n' else own\n"
    "    try:\n"
    "        code = '\\n' * (line - 1) + code\n"
    "        exec(compile(code, 'script', 'exec'), names)\n"
    "    except BaseException as e:\n"
    "        at, t = getattr(e, 'lineno', line), e.__traceback__\n"
    "        while t:\n"
    "            if t.tb_frame.f_code.co_filename == 'script':\n"
    "                at = t.tb_lineno\n"
    "            t = t.tb_next\n"
    "        what = ' '.join(str(e).split())\n"
    "        what = type(e).__name__ + (': ' + what if what else '')\n"
    "        sys.stderr.write('%d %s' % (at, what))\n"
    "        sys.exit(1)\n";

void python_add(runner *r, const pkt_event *event, const char *values)
{
    runner_python *p = &r->python;

    if (r->options.python == NULL)
        return;
    if (p->out == NULL) {
        p->out = open_memstream(&p->text, &p->bytes);
        if (p->out != NULL)
            (void)fputs(python_head, p->out);
    }
    if (p->out == NULL || ferror(p->out) != 0 || ftell(p->out) > PYTHON_PROGRAM_BYTES) {
        p->cut = true;
        return;
    }
    (void)fprintf(p->out, "piece(%u, %s, '", event->text_place.line, values);
    for (const char *c = event->text; *c != '\0'; c++)
        (void)fprintf(p->out, "%02x", (unsigned)(unsigned char)*c);
    (void)fputs("')\n", p->out);
}

void python_need(runner *r, pkt_place place, const char *statement, size_t bytes)
{
    runner_python *p = &r->python;

    if (p->needed)
        return;
    p->needed = true;
    p->place = place;
    p->statement = statement;
    p->statement_bytes = (int)bytes;
}

/* ---- The process --------------------------------------------------------------------------- */

/* A file in memory with the program in it, to be read from its beginning; -1: none. */
static int python_program(const runner_python *p)
{
    int fd = memfd_create("script", MFD_CLOEXEC);

    for (size_t at = 0; fd >= 0 && at < p->bytes;) {
        ssize_t n = write(fd, p->text + at, p->bytes - at);
        if (n <= 0) {
            (void)close(fd);
            return -1;
        }
        at += (size_t)n;
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Starts the interpreter: the program is its input, errors is its standard error. 0: none. */
static pid_t python_start(const char *interpreter, int program, int errors)
{
    char *const words[] = {(char *)(uintptr_t)interpreter, (char[]){"-I"}, (char[]){"-"}, NULL};
    posix_spawn_file_actions_t files;
    pid_t pid = 0;

    if (posix_spawn_file_actions_init(&files) != 0)
        return 0;
    if (posix_spawn_file_actions_adddup2(&files, program, STDIN_FILENO) != 0 ||
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO) != 0 ||
        posix_spawnp(&pid, interpreter, &files, NULL, words, environ) != 0)
        pid = 0;
    (void)posix_spawn_file_actions_destroy(&files);
    return pid;
}

static int64_t python_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* All that it says, until it ends or its time is over (false). What is too long is left out. */
static bool python_listen(int errors, char said[PYTHON_SAID_BYTES])
{
    int64_t end_ms = python_now_ms() + PYTHON_TIMEOUT_MS;
    size_t used = 0;

    for (;;) {
        char rest[PYTHON_SAID_BYTES];
        struct pollfd waiting = {.fd = errors, .events = POLLIN};
        int64_t left_ms = end_ms - python_now_ms();
        bool room = used < PYTHON_SAID_BYTES - 1;
        if (left_ms <= 0 || (poll(&waiting, 1, (int)left_ms) < 1 && errno != EINTR))
            return false;
        ssize_t n = read(errors, room ? said + used : rest,
                         room ? PYTHON_SAID_BYTES - 1 - used : sizeof rest);
        if (n <= 0)
            break;
        used += room ? (size_t)n : 0;
    }
    said[used] = '\0';
    return true;
}

/* Its exit status, what it says in *said; -1: it does not end; PYTHON_NOT_FOUND: there is none. */
static int python_status(const runner *r, char said[PYTHON_SAID_BYTES])
{
    int errors[2] = {-1, -1}, status = 0, program = python_program(&r->python);
    pid_t pid = 0;
    bool ended = false;

    if (program >= 0 && pipe2(errors, O_CLOEXEC) == 0) {
        pid = python_start(r->options.python, program, errors[1]);
        (void)close(errors[1]);
        ended = pid == 0 || python_listen(errors[0], said);
        (void)close(errors[0]);
    }
    if (program >= 0)
        (void)close(program);
    if (pid == 0)
        return PYTHON_NOT_FOUND;
    if (!ended)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return !ended ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void python_run(runner *r)
{
    runner_python *p = &r->python;
    char said[PYTHON_SAID_BYTES] = "";

    if (!p->needed || r->over)
        return;
    if (p->out != NULL && fclose(p->out) != 0)
        p->cut = true;
    p->out = NULL;
    int status = p->cut ? PYTHON_NOT_FOUND : python_status(r, said);
    if (status == PYTHON_NOT_FOUND) {
        runner_verdict(r, DRILL_UNSUPPORTED, p->place, N_("python3 would be needed: %.*s"),
                       p->statement_bytes, p->statement);
    } else if (status < 0) {
        runner_verdict(r, DRILL_ERROR, p->place, N_("python3 does not end: %.*s"),
                       p->statement_bytes, p->statement);
    } else if (status != 0) {
        char *what = said;
        unsigned long line = strtoul(said, &what, 10);
        pkt_place place = {what != said ? (uint32_t)line : p->place.line, 1};
        if (*what == ' ')
            runner_verdict(r, DRILL_FAIL, place, N_("python3: %s"), what + 1);
        else
            runner_verdict(r, DRILL_FAIL, place, N_("python3 ended with status %d"), status);
    }
}

void python_end(runner *r)
{
    if (r->python.out != NULL)
        (void)fclose(r->python.out);
    free(r->python.text);
}
