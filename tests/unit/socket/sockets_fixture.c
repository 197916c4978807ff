/* sockets_fixture.c - see sockets_fixture.h. */
#define _GNU_SOURCE
#include "tern/profile.h"
#include "tests/unit/socket/sockets_fixture.h"

#include "tests/test.h"

#include <string.h>

static tern_config duo_config[ENDS];

static void duo_program(void *context, world *w, world_host host, const tern_event *event)
{
    duo *f = context;
    (void)w;
    f->events++;
    tern_sockets_event(f->table[host], event);
}

static tern_time duo_now(void *context)
{
    const duo *f = context;
    return world_now(f->w);
}

/* Virtual time goes on to the next event, step by step. */
static bool duo_wait(void *context, tern_time until_us)
{
    duo *f = context;
    unsigned before = f->events;

    if (f->interrupted) {
        f->interrupted = false;
        return false;
    }
    while (f->events == before) {
        tern_time next_us = world_deadline(f->w);
        if (until_us != TERN_NEVER && next_us >= until_us) {
            (void)world_advance(f->w, until_us);
            return true;
        }
        if (next_us == TERN_NEVER)
            return false;
        (void)world_advance(f->w, next_us);
    }
    return true;
}

static void duo_add(duo *f, unsigned end)
{
    tern_config *c = &duo_config[end];

    tern_config_init(c);
    memset(c->key, (int)end + 1, sizeof c->key);
    c->addresses[0] = tern_address_ipv4(10, 0, 0, (uint8_t)(end + 1));
    CHECK(tern_address_parse(end == END_CLIENT ? "fd77::1" : "fd77::2", &c->addresses[1]));
    c->address_count = 2;
    c->connections_max = c->half_open_max = c->time_wait_max = 8;
    c->chunks_max = 512;
    c->flights_max = 8;
    c->send_buffer_bytes = c->recv_buffer_bytes = 30000;
    c->recv_buffer_doubling = true;
    CHECK_EQ(world_add_stack(f->w, end == END_CLIENT ? "client" : "server", c), end);
    tern_sockets_config config = {.stack = world_stack(f->w, end),
                                  .stack_config = c,
                                  .host = {f, duo_now, duo_wait},
                                  .first_descriptor = 3,
                                  .descriptors_max = 16,
                                  .fast_open = TERN_SOCKETS_FAST_OPEN_CLIENT |
                                               TERN_SOCKETS_FAST_OPEN_SERVER};
    f->table[end] = tern_sockets_new(&config);
    CHECK(f->table[end] != NULL);
    world_set_program(f->w, end, duo_program, f);
}

void duo_begin(duo *f)
{
    link_config link;

    *f = (duo){.w = world_new(1, 100000)};
    CHECK(f->w != NULL);
    duo_add(f, END_CLIENT);
    duo_add(f, END_SERVER);
    link_config_init(&link);
    link.delay_us = 5000;
    CHECK(world_connect(f->w, END_CLIENT, END_SERVER, &link, &link));
}

void duo_end(duo *f)
{
    for (unsigned end = 0; end < ENDS; end++)
        tern_sockets_free(f->table[end]);
    world_free(f->w);
}

void duo_set(duo *f, unsigned end, const char *key, const char *value)
{
    tern_config *c = &duo_config[end];

    CHECK_EQ(tern_profile_key_set(c, key, value, NULL), TERN_OK);
    CHECK_EQ(tern_profile_change(world_stack(f->w, end), world_now(f->w), c), TERN_OK);
}

void duo_pass(duo *f, tern_time us)
{
    (void)world_run(f->w, world_now(f->w) + us);
}

socklen_t duo_address_bytes(int family)
{
    return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

struct sockaddr_storage duo_address(int family, unsigned end, uint16_t port)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    memcpy(&v4.sin_addr, duo_config[end].addresses[0].octets + 12, 4);
    memcpy(&v6.sin6_addr, duo_config[end].addresses[1].octets, 16);
    if (family == AF_INET)
        memcpy(&storage, &v4, sizeof v4);
    else
        memcpy(&storage, &v6, sizeof v6);
    return storage;
}

void duo_listen(duo *f, int family, int fd)
{
    tern_sockets *s = f->table[END_SERVER];
    struct sockaddr_storage at = duo_address(family, END_SERVER, FIXTURE_PORT);

    CHECK(fd >= 3);
    CHECK_EQ(tern_sockets_bind(s, fd, (struct sockaddr *)&at, duo_address_bytes(family)), 0);
    CHECK_EQ(tern_sockets_listen(s, fd, 7), 0);
}

int duo_listener(duo *f, int family, int type)
{
    int fd = tern_sockets_socket(f->table[END_SERVER], family, type, 0);

    duo_listen(f, family, fd);
    return fd;
}

int duo_client(duo *f, int family)
{
    tern_sockets *s = f->table[END_CLIENT];
    struct sockaddr_storage to = duo_address(family, END_SERVER, FIXTURE_PORT);
    int fd = tern_sockets_socket(s, family, SOCK_STREAM, 0);

    CHECK_EQ(tern_sockets_connect(s, fd, (struct sockaddr *)&to, duo_address_bytes(family)), 0);
    return fd;
}

int duo_connect(duo *f, int family, int listener, int *accepted)
{
    duo_listen(f, family, listener);
    int fd = duo_client(f, family);
    *accepted = tern_sockets_accept4(f->table[END_SERVER], listener, NULL, NULL, 0);
    CHECK(*accepted >= 3);
    return fd;
}

int duo_connection(duo *f, int *accepted)
{
    tern_sockets *server = f->table[END_SERVER];
    int listener = tern_sockets_socket(server, AF_INET, SOCK_STREAM, 0);
    int fd = duo_connect(f, AF_INET, listener, accepted);

    CHECK_EQ(tern_sockets_close(server, listener), 0);
    return fd;
}

void duo_cut(duo *f)
{
    world_crash(f->w, END_SERVER);
}
