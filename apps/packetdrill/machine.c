/* machine.c - see machine.h. */
#define _GNU_SOURCE
#include "apps/packetdrill/machine.h"

#include "apps/drill/sysctls.h"
#include "apps/packetdrill/namespace.h"
#include "apps/packetdrill/offload.h"
#include "apps/packetdrill/task.h"
#include "tern/profile.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MACHINE_START_US UINT64_C(1000000000)   /* a clock that is not at 0 */
#define MACHINE_CAP_US   UINT64_C(361000000000) /* a hundred hours later nothing comes any more */
#define MACHINE_QUIET_NS 500000000              /* of real time: see machine.h */
#define MACHINE_ALONE_US UINT64_C(1000000)      /* of virtual time that a quiet call may use up */
#define MACHINE_LOOK_NS  100000000              /* of real time, for a look at the clock */

enum { MACHINE_YIELDS = 2000 };

/* A call that waits; it lies on its thread's stack. */
typedef struct waiter {
    struct waiter *next;
    tern_time until_us;
    bool woken;
} waiter;

struct machine {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a waiter was woken, or has the lock */
    so_flags settings;
    pthread_t driver; /* who made the machine: nobody else lets time go on */
    runner run;       /* of the script, what its commands are about; no more of it is used here */
    drill_verdict verdict; /* of a command that is unsupported, or finds nothing */
    bool begun, ending;
    uint32_t burst; /* segments taken of a burst that goes on with the oldest in the outbox */
    waiter *waiters;
    uint32_t woken;         /* waiters that were woken and have not had the lock since */
    uint32_t unread;        /* calls that have waited and returned, the clock not read since */
    pid_t returned;         /* the thread of the last that has waited and returned; 0: none yet */
    uint64_t events_told;   /* of subject.events, those after which everybody was woken */
    uint32_t inside;        /* threads between machine_lock() and machine_leave() */
    uint64_t entries;       /* of threads: a sign that somebody drives */
    uint64_t entries_alone; /* at which a quiet call had its second */
};

/* The call that this thread makes, or made last. */
static _Thread_local struct {
    const machine *machine;
    uint64_t events; /* of subject.events, those that the call has seen */
    bool waited;
    bool returned_unread; /* the call waited, and the clock was not read since */
    tern_time returned_us;
} caller;

/* ---- Waking -------------------------------------------------------------------------------- */

/* Wakes all that wait when the stack has told something, and those whose time has come. */
static void machine_wake(machine *m)
{
    bool all = m->ending || m->run.subject.events != m->events_told || m->run.subject.exhausted;

    m->events_told = m->run.subject.events;
    for (waiter *w = m->waiters; w != NULL; w = w->next) {
        if (w->woken || (!all && w->until_us > m->run.subject.now_us))
            continue;
        w->woken = true;
        m->woken++;
    }
    if (m->woken > 0)
        (void)pthread_cond_broadcast(&m->changed);
}

/* Returns when all that were woken have returned or wait again. */
static void machine_calm(machine *m)
{
    while (m->woken > 0)
        (void)pthread_cond_wait(&m->changed, &m->lock);
}

/* The real time when so much has passed. */
static struct timespec machine_real(long after_ns)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += after_ns;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return until;
}

static bool machine_is_driver(const machine *m)
{
    return pthread_equal(pthread_self(), m->driver) != 0;
}

/* Before time goes on the driver also waits until whoever has returned has read the clock, and has
 * done with the result what it does before it sleeps: packetdrill notes the new descriptor then,
 * and the next event may need it. A thread that does neither is not waited for long. */
static void machine_quiet(machine *m)
{
    machine_calm(m);
    if (!machine_is_driver(m))
        return;
    struct timespec until = machine_real(MACHINE_LOOK_NS);
    while (m->unread > 0)
        if (pthread_cond_timedwait(&m->changed, &m->lock, &until) == ETIMEDOUT)
            m->unread = 0;
    for (int i = 0; m->returned != 0 && i < MACHINE_YIELDS && !task_sleeps(m->returned); i++) {
        (void)pthread_mutex_unlock(&m->lock);
        (void)sched_yield();
        (void)pthread_mutex_lock(&m->lock);
    }
    machine_calm(m);
}

/* The thread has read the clock, or calls again without. */
static void machine_read(machine *m)
{
    caller.returned_unread = false;
    if (m->unread > 0 && --m->unread == 0)
        (void)pthread_cond_broadcast(&m->changed);
}

/* When something is due next: the stack's timer, or the end of a wait. */
static tern_time machine_due(const machine *m)
{
    tern_time due_us = m->begun ? tern_deadline(m->run.subject.stack) : TERN_NEVER;

    for (const waiter *w = m->waiters; w != NULL; w = w->next)
        if (w->until_us < due_us)
            due_us = w->until_us;
    return due_us;
}

/* Time goes on to the next instant at which something is due, at most to limit_us. */
static void machine_step(machine *m, tern_time limit_us)
{
    machine_quiet(m);
    tern_time next_us = machine_due(m);
    if (next_us > limit_us)
        next_us = limit_us;
    if (m->begun)
        subject_pass(&m->run.subject, next_us, UNTIL_TIME);
    else if (next_us > m->run.subject.now_us)
        m->run.subject.now_us = next_us;
    machine_wake(m);
}

static void machine_pass_to(machine *m, tern_time until_us)
{
    while (m->run.subject.now_us < until_us && !m->run.subject.exhausted)
        machine_step(m, until_us);
    machine_quiet(m);
}

/* ---- Waiting ------------------------------------------------------------------------------- */

/* Sleeps until something is said on m->changed. false: half a second went by in silence. */
static bool machine_sleep(machine *m)
{
    uint64_t entries = m->entries;
    struct timespec until = machine_real(MACHINE_QUIET_NS);

    return pthread_cond_timedwait(&m->changed, &m->lock, &until) != ETIMEDOUT ||
           m->entries != entries;
}

/* The driver's own call waits: time goes on for it, or would never. false: nothing will come. */
static bool machine_wait_driving(machine *m, const waiter *self)
{
    while (!self->woken) {
        if (machine_due(m) >= MACHINE_CAP_US || m->run.subject.exhausted)
            return false;
        machine_step(m, MACHINE_CAP_US);
    }
    return true;
}

static void machine_wait_driven(machine *m, const waiter *self)
{
    while (!self->woken) {
        if (machine_sleep(m) || m->entries == m->entries_alone)
            continue;
        tern_time alone_us = m->run.subject.now_us + MACHINE_ALONE_US;
        while (!self->woken && m->run.subject.now_us < alone_us && !m->run.subject.exhausted)
            machine_step(m, alone_us);
        m->entries_alone = m->entries;
    }
}

/* tern_sockets_host.wait: called with the lock, which others have meanwhile. */
static bool machine_wait(void *context, tern_time until_us)
{
    machine *m = context;
    waiter self = {.next = m->waiters, .until_us = until_us};
    waiter **place = &m->waiters;
    bool goes_on = true;

    machine_wake(m); /* what this call has done so far may concern others */
    if (caller.events == m->run.subject.events && !m->ending) {
        m->waiters = &self;
        if (machine_is_driver(m)) {
            goes_on = machine_wait_driving(m, &self);
        } else {
            caller.waited = true;
            machine_wait_driven(m, &self);
        }
        while (*place != &self)
            place = &(*place)->next;
        *place = self.next;
        m->woken -= self.woken;
        (void)pthread_cond_broadcast(&m->changed);
    }
    caller.events = m->run.subject.events;
    return goes_on && !m->ending && !m->run.subject.exhausted;
}

/* ---- Calls --------------------------------------------------------------------------------- */

/* To a command a descriptor of the script's is the same as ours. */
static void machine_run_begin(machine *m, int first_descriptor)
{
    m->run.verdict = &m->verdict;
    m->run.options.config = m->settings.config;
    m->run.start_us = MACHINE_START_US;
    m->run.system.fast_open.bits = TERN_SOCKETS_FAST_OPEN_CLIENT; /* as Linux begins */
    for (int i = 0; i < RUNNER_DESCRIPTORS; i++)
        m->run.live[i] = first_descriptor + i;
    m->run.subject.first_descriptor = first_descriptor;
    m->run.subject.now_us = MACHINE_START_US;
    m->run.subject.context = m;
    m->run.subject.wait = machine_wait;
}

machine *machine_new(const so_flags *f, int first_descriptor)
{
    machine *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->settings = *f;
    m->driver = pthread_self();
    m->entries_alone = UINT64_MAX;
    machine_run_begin(m, first_descriptor);
    if (pthread_mutex_init(&m->lock, NULL) == 0 && pthread_cond_init(&m->changed, NULL) == 0)
        return m;
    free(m);
    return NULL;
}

void machine_free(machine *m)
{
    (void)pthread_mutex_lock(&m->lock);
    m->ending = true;
    machine_wake(m);
    while (m->inside > 0)
        (void)pthread_cond_wait(&m->changed, &m->lock);
    machine_quiet(m);
    (void)pthread_mutex_unlock(&m->lock);
    if (m->begun)
        subject_end(&m->run.subject);
    (void)pthread_cond_destroy(&m->changed);
    (void)pthread_mutex_destroy(&m->lock);
    free(m);
}

/* What the script has set since. */
static void machine_follow(machine *m)
{
    tern_config config = m->run.subject.config;
    system_fast_open now = {.bits = TERN_SOCKETS_FAST_OPEN_CLIENT},
                     *before = &m->run.system.fast_open;

    if (!m->settings.sysctls)
        return;
    namespace_read(&config, &now, false);
    now.keys_new = now.key_bytes != before->key_bytes ||
                   memcmp(now.keys, before->keys, sizeof now.keys) != 0;
    if (now.keys_new || now.bits != before->bits) {
        *before = now;
        (void)system_fast_open_begin(&m->run.subject, before);
    }
    if (memcmp(&config, &m->run.subject.config, sizeof config) == 0)
        return;
    m->run.subject.config = config;
    if (tern_profile_change(m->run.subject.stack, m->run.subject.now_us, &config) != TERN_OK)
        (void)fprintf(stderr, "libtern_packetdrill: a sysctl that cannot change on the way\n");
}

static bool machine_begin(machine *m)
{
    const char *why = NULL;

    if (m->begun) {
        machine_follow(m);
        return true;
    }
    tern_config *config = &m->run.options.config;
    if (m->settings.sysctls)
        namespace_read(config, &m->run.system.fast_open, true);
    m->begun = subject_begin(&m->run.subject, config, &why) &&
               system_fast_open_begin(&m->run.subject, &m->run.system.fast_open);
    if (!m->begun)
        (void)fprintf(stderr, "libtern_packetdrill: no stack of this configuration: %s\n",
                      why != NULL ? why : "no memory");
    return m->begun;
}

static void machine_lock(machine *m)
{
    (void)pthread_mutex_lock(&m->lock);
    machine_calm(m);
    m->entries++;
    m->inside++;
    if (caller.machine == m && caller.returned_unread)
        machine_read(m);
    caller.machine = m;
    caller.events = m->run.subject.events;
    caller.waited = false;
    caller.returned_unread = false;
}

tern_sockets *machine_enter(machine *m)
{
    machine_lock(m);
    if (machine_begin(m))
        return m->run.subject.table;
    (void)machine_leave(m, -ENOMEM);
    return NULL;
}

ssize_t machine_leave(machine *m, ssize_t result)
{
    if (m->begun)
        subject_settle(&m->run.subject);
    caller.returned_unread = caller.waited;
    caller.returned_us = m->run.subject.now_us;
    if (caller.waited) {
        m->unread++;
        m->returned = task_self();
    }
    machine_wake(m);
    machine_calm(m);
    if (--m->inside == 0)
        (void)pthread_cond_broadcast(&m->changed); /* for machine_free() */
    (void)pthread_mutex_unlock(&m->lock);
    if (result >= 0)
        return result;
    errno = (int)-result;
    return -1;
}

void machine_inject(machine *m, const void *packet, size_t bytes)
{
    if (machine_enter(m) == NULL)
        return;
    subject_inject(&m->run.subject, packet, bytes, true);
    (void)machine_leave(m, 0);
}

static void machine_offload(machine *m, subject_packet *packet)
{
    bool goes_on = offload_is_burst(packet, m->run.subject.outbox);

    m->burst++;
    if (m->settings.pushes && offload_is_pushed(m->burst, goes_on, m->run.system.segments_cut))
        offload_push(packet);
    if (!goes_on)
        m->burst = 0;
}

size_t machine_until_packet(machine *m, void *packet, size_t cap_bytes, tern_time *sent_us)
{
    subject_packet *next;
    size_t bytes = 0;

    machine_lock(m);
    while ((next = subject_take(&m->run.subject)) == NULL && machine_due(m) < MACHINE_CAP_US &&
           !m->run.subject.exhausted) {
        machine_step(m, MACHINE_CAP_US);
        machine_quiet(m);
    }
    *sent_us = next != NULL ? next->sent_us : m->run.subject.now_us;
    if (next != NULL) {
        machine_offload(m, next);
        bytes = next->bytes < cap_bytes ? next->bytes : cap_bytes;
        memcpy(packet, next->octets, bytes);
        free(next);
    }
    (void)machine_leave(m, 0);
    return bytes;
}

void machine_pass(machine *m, tern_time us)
{
    machine_lock(m);
    machine_pass_to(m, m->run.subject.now_us + us);
    (void)machine_leave(m, 0);
}

tern_time machine_clock(machine *m)
{
    tern_time now_us = caller.returned_us;

    if (caller.machine == m && caller.returned_unread) {
        (void)pthread_mutex_lock(&m->lock);
        machine_read(m);
        (void)pthread_mutex_unlock(&m->lock);
        return now_us;
    }
    machine_lock(m);
    machine_pass_to(m, m->run.subject.now_us + 1);
    now_us = m->run.subject.now_us;
    (void)machine_leave(m, 0);
    return now_us;
}

bool machine_has_shell(const machine *m)
{
    return m->settings.shell;
}

bool machine_command(machine *m, const char *text)
{
    static const pkt_place nowhere = {1, 1};
    runner *r = &m->run;

    machine_lock(m);
    r->over = false;
    bool done = commands_run(r, nowhere, text) && sysctls_take_effect(r, nowhere);
    (void)machine_leave(m, 0);
    if (!done)
        (void)fprintf(stderr, "libtern_packetdrill: %s\n", m->verdict.text);
    return done;
}
