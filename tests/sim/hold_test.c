/* hold_test.c - a proxy that holds its client's SYN until its own upstream has answered: the
 * client learns of the upstream what is true, and nothing before. tern.h, tern_hold(). */
#include "sim/world.h"
#include "tests/test.h"

enum {
    CLIENT,
    PROXY,
    UPSTREAM,
    PORT = 80,
    CLIENT_DELAY_US = 5000,
    UPSTREAM_DELAY_US = 40000,
    PATIENCE_MS = 5000, /* of the proxy, with its upstream */
    END_US = 400 * 1000000,
};

typedef struct story {
    tern_handle listener[3];
    tern_handle client, held, upstream;
    tern_handle accepted;              /* by the proxy */
    uint32_t held_times;               /* events told */
    tern_time connected_us, closed_us; /* of the client */
    tern_err error;
    bool upstream_accepted;
} story;

static tern_endpoint host_endpoint(uint8_t last_octet)
{
    return (tern_endpoint){tern_address_ipv4(10, 0, 0, last_octet), PORT};
}

static tern_config host_config(uint8_t last_octet)
{
    tern_config c;

    tern_config_init(&c);
    memset(c.key, last_octet, sizeof c.key);
    c.addresses[0] = tern_address_ipv4(10, 0, 0, last_octet);
    c.address_count = 1;
    c.connections_max = c.half_open_max = c.time_wait_max = 4;
    c.chunks_max = 64;
    c.flights_max = 4;
    return c;
}

/* The upstream has answered, or never will: so is the client. */
static void proxy_answers(story *s, world *w, const tern_event *event)
{
    tern_answer_what answer = TERN_ANSWER_ACCEPT;

    if ((event->what & (TERN_EVENT_CONNECTED | TERN_EVENT_CLOSED)) == 0 || s->held.generation == 0)
        return;
    if ((event->what & TERN_EVENT_CLOSED) != 0)
        answer = event->error == TERN_ERR_REFUSED ? TERN_ANSWER_REFUSE : TERN_ANSWER_UNREACHABLE;
    CHECK_EQ(tern_answer(world_stack(w, PROXY), world_now(w), s->held, answer), TERN_OK);
    s->held = (tern_handle){0, 0};
}

static void proxy_holds(story *s, world *w)
{
    tern_stack *proxy = world_stack(w, PROXY);
    tern_endpoint to = host_endpoint(3);
    tern_held_info info;

    s->held_times++;
    CHECK_EQ(tern_next_held(proxy, world_now(w), s->listener[PROXY], &s->held), TERN_OK);
    CHECK_EQ(tern_held_get(proxy, s->held, &info), TERN_OK);
    tern_endpoint client = host_endpoint(1);
    CHECK(memcmp(&info.remote.address, &client.address, sizeof client.address) == 0);
    if (s->upstream.generation == 0) /* the answer for one is that for its next SYN */
        CHECK_EQ(tern_connect(proxy, world_now(w), NULL, &to, &s->upstream), TERN_OK);
    else
        CHECK_EQ(tern_answer(proxy, world_now(w), s->held, TERN_ANSWER_UNREACHABLE), TERN_OK);
}

static void story_program(void *context, world *w, world_host host, const tern_event *event)
{
    story *s = context;
    tern_stack *stack = world_stack(w, host);

    if (host == CLIENT && (event->what & TERN_EVENT_CONNECTED) != 0)
        s->connected_us = world_now(w);
    if (host == CLIENT && (event->what & TERN_EVENT_CLOSED) != 0) {
        s->closed_us = world_now(w);
        s->error = event->error;
    }
    if (host == UPSTREAM && (event->what & TERN_EVENT_ACCEPTABLE) != 0)
        s->upstream_accepted = true;
    if (host != PROXY)
        return;
    if ((event->what & TERN_EVENT_HELD) != 0)
        proxy_holds(s, w);
    else if ((event->what & TERN_EVENT_ACCEPTABLE) != 0)
        CHECK_EQ(tern_accept(stack, world_now(w), s->listener[PROXY], &s->accepted), TERN_OK);
    else
        proxy_answers(s, w, event);
}

static void story_open(void *context, world *w)
{
    story *s = context;
    tern_endpoint at = host_endpoint(2);
    tern_stack *proxy = world_stack(w, PROXY);

    CHECK_EQ(tern_listen(proxy, world_now(w), &at, 4, &s->listener[PROXY]), TERN_OK);
    CHECK_EQ(tern_hold(proxy, world_now(w), s->listener[PROXY], true), TERN_OK);
    CHECK_EQ(tern_connect(world_stack(w, CLIENT), world_now(w), NULL, &at, &s->client), TERN_OK);
}

static void upstream_listens(story *s, world *w)
{
    tern_endpoint at = host_endpoint(3);

    CHECK_EQ(tern_listen(world_stack(w, UPSTREAM), world_now(w), &at, 4, &s->listener[UPSTREAM]),
             TERN_OK);
}

static world *story_begin(story *s, uint16_t client_icmp_aborts)
{
    world *w = world_new(1, 100000);
    tern_config c[3] = {host_config(1), host_config(2), host_config(3)};
    link_config near, far;

    CHECK(w != NULL);
    *s = (story){.held_times = 0};
    c[CLIENT].icmp_aborts |= client_icmp_aborts;
    c[PROXY].syn_schedule.give_up_ms = PATIENCE_MS;
    CHECK_EQ(world_add_stack(w, "client", &c[CLIENT]), CLIENT);
    CHECK_EQ(world_add_stack(w, "proxy", &c[PROXY]), PROXY);
    CHECK_EQ(world_add_stack(w, "upstream", &c[UPSTREAM]), UPSTREAM);
    link_config_init(&near);
    link_config_init(&far);
    near.delay_us = CLIENT_DELAY_US;
    far.delay_us = UPSTREAM_DELAY_US;
    CHECK(world_connect(w, CLIENT, PROXY, &near, &near));
    CHECK(world_connect(w, PROXY, UPSTREAM, &far, &far));
    for (world_host host = CLIENT; host <= UPSTREAM; host++)
        world_set_program(w, host, story_program, s);
    CHECK(world_at(w, 1000, story_open, s));
    return w;
}

TEST(held_client_is_accepted_when_the_upstream_is)
{
    story s;
    world *w = story_begin(&s, 0);

    upstream_listens(&s, w);
    CHECK_EQ(world_run(w, END_US), WORLD_QUIET);
    CHECK(s.upstream_accepted);
    CHECK_EQ(s.held_times, 1);
    CHECK_EQ(s.error, TERN_OK);
    /* Its SYN waited for one round trip to the upstream, and its handshake is its own. */
    CHECK_EQ(s.connected_us, 1000 + 2 * CLIENT_DELAY_US + 2 * UPSTREAM_DELAY_US);
    CHECK(s.accepted.generation != 0);
    world_free(w);
}

TEST(held_client_is_refused_when_the_upstream_is)
{
    story s;
    world *w = story_begin(&s, 0);

    CHECK_EQ(world_run(w, END_US), WORLD_QUIET);
    CHECK_EQ(s.connected_us, 0);
    CHECK_EQ(s.error, TERN_ERR_REFUSED);
    CHECK_EQ(s.closed_us, 1000 + 2 * CLIENT_DELAY_US + 2 * UPSTREAM_DELAY_US);
    CHECK_EQ(s.held_times, 1);
    world_free(w);
}

TEST(held_client_of_a_silent_upstream_is_told_that_it_is_unreachable)
{
    story s;
    world *w = story_begin(&s, 1 << TERN_ICMP_HOST_UNREACHABLE);

    world_crash(w, UPSTREAM);
    CHECK_EQ(world_run(w, END_US), WORLD_QUIET);
    CHECK_EQ(s.connected_us, 0);
    CHECK_EQ(s.error, TERN_ERR_HOST_UNREACHABLE);
    CHECK_EQ(s.closed_us, 1000 + 2 * CLIENT_DELAY_US + PATIENCE_MS * 1000);
    CHECK_EQ(s.held_times, 1); /* its SYNs in between were absorbed */
    world_free(w);
}

TEST(held_client_that_takes_icmp_as_advice_ends_with_its_reason)
{
    story s;
    world *w = story_begin(&s, 0);

    world_crash(w, UPSTREAM);
    CHECK_EQ(world_run(w, END_US), WORLD_QUIET);
    CHECK_EQ(s.connected_us, 0);
    CHECK_EQ(s.error, TERN_ERR_HOST_UNREACHABLE);
    CHECK(s.closed_us >= 180 * 1000000);
    CHECK(s.held_times > 1); /* each SYN after the first answer was a new question */
    world_free(w);
}
