/* plugin_fixture.c - see plugin_fixture.h. */
#define _GNU_SOURCE
#include "tests/plugin/plugin_fixture.h"

#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>

static atomic_int call_task; /* of the second thread; 0: not there yet */
static atomic_bool call_over;

void plugin_symbol(const plugin_fixture *f, const char *name, void *function, size_t bytes)
{
    void *symbol = dlsym(f->object, name);

    if (symbol == NULL)
        test_fail(__FILE__, __LINE__, "no %s: %s", name, dlerror());
    memcpy(function, &symbol, bytes);
}

void plugin_begin(plugin_fixture *f, const char *flags)
{
    void (*init)(const char *, struct packetdrill_interface *);
    const char *path = getenv("TERN_PACKETDRILL");

    if (path == NULL)
        test_fail(__FILE__, __LINE__, "TERN_PACKETDRILL does not name the object");
    *f = (plugin_fixture){.object = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    if (f->object == NULL)
        test_fail(__FILE__, __LINE__, "%s", dlerror());
    plugin_symbol(f, "packetdrill_interface_init", &init, sizeof init);
    init(flags, &f->ifc);
}

void plugin_end(plugin_fixture *f)
{
    f->ifc.free(f->ifc.userdata);
    (void)dlclose(f->object);
}

int64_t plugin_now_us(plugin_fixture *f)
{
    struct timeval now;

    CHECK_EQ(f->ifc.gettimeofday(f->ifc.userdata, &now, NULL), 0);
    return now.tv_sec * INT64_C(1000000) + now.tv_usec;
}

int plugin_listener(plugin_fixture *f)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = f->ifc.socket(f->ifc.userdata, AF_INET, SOCK_STREAM, IPPROTO_TCP);

    CHECK(fd >= 0);
    CHECK_EQ(f->ifc.bind(f->ifc.userdata, fd, (struct sockaddr *)&any, sizeof any), 0);
    CHECK_EQ(f->ifc.listen(f->ifc.userdata, fd, 1), 0);
    return fd;
}

void plugin_send_to(plugin_fixture *f, uint16_t port, const datagram_segment *segment)
{
    static uint8_t octets[DATAGRAM_MAX_BYTES];
    datagram_segment s = *segment;

    s.source = (tern_endpoint){tern_address_ipv4(192, 0, 2, 1), PEER_PORT};
    s.destination = (tern_endpoint){tern_address_ipv4(192, 168, 0, 1), port};
    s.ttl = 64;
    s.window = 65535;
    size_t bytes = datagram_write_segment(octets, &s);
    CHECK(bytes > 0);
    CHECK_EQ(f->ifc.netdev_send(f->ifc.userdata, octets, bytes), 0);
}

void plugin_send(plugin_fixture *f, uint32_t seq, uint32_t ack, uint16_t flags, size_t bytes)
{
    datagram_segment s = {.seq = seq, .ack = ack, .flags = flags, .text_bytes = bytes};

    plugin_send_to(f, PORT, &s);
}

bool plugin_receive(plugin_fixture *f, datagram_view *view, int64_t *sent_us)
{
    size_t bytes = sizeof f->octets;
    long long us = 0;

    CHECK_EQ(f->ifc.netdev_receive(f->ifc.userdata, f->octets, &bytes, &us), 0);
    if (sent_us != NULL)
        *sent_us = us;
    if (bytes == 0)
        return false;
    CHECK(datagram_read(view, f->octets, bytes));
    CHECK(view->checksums_right);
    return true;
}

int plugin_accepted(plugin_fixture *f, uint32_t *iss)
{
    datagram_view v;
    int listener = plugin_listener(f);

    plugin_send(f, 0, 0, SYN, 0);
    CHECK(plugin_receive(f, &v, NULL));
    CHECK_EQ(v.flags, SYN | ACK);
    *iss = v.seq;
    plugin_send(f, 1, v.seq + 1, ACK, 0);
    int fd = f->ifc.accept(f->ifc.userdata, listener, NULL, NULL);
    CHECK(fd >= 0);
    return fd;
}

/* ---- The second thread --------------------------------------------------------------------- */

static void *call_run(void *argument)
{
    plugin_call *c = argument;

    atomic_store(&call_task, (int)syscall(SYS_gettid));
    c->result = c->make(c->fixture, c->fd);
    c->error = errno;
    c->returned_us = plugin_now_us(c->fixture);
    if (c->then != NULL)
        c->then();
    atomic_store(&call_over, true);
    return NULL;
}

/* Linux: the third word of the task's line is its state, S for one that sleeps. */
static bool call_sleeps(int task)
{
    char path[64], line[256], state = '?';

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/stat", task);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL)
        (void)sscanf(strrchr(line, ')') + 1, " %c", &state);
    (void)fclose(file);
    return state == 'S';
}

void plugin_call_begin(plugin_call *c)
{
    atomic_store(&call_task, 0);
    atomic_store(&call_over, false);
    CHECK_EQ(pthread_create(&c->thread, NULL, call_run, c), 0);
    while (!atomic_load(&call_over) &&
           (atomic_load(&call_task) == 0 || !call_sleeps(atomic_load(&call_task))))
        (void)sched_yield();
}

void plugin_call_end(plugin_call *c)
{
    CHECK_EQ(pthread_join(c->thread, NULL), 0);
}
