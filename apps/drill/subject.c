/* subject.c - see subject.h. */
#include "apps/drill/subject.h"

#include <stdlib.h>
#include <string.h>

enum { SUBJECT_STEPS_MAX = 200000 };

static tern_time subject_now(void *context)
{
    const subject *s = context;
    return s->now_us;
}

static bool subject_wait(void *context, tern_time until_us)
{
    subject *s = context;
    subject_settle(s);
    s->waiting = true;
    s->connected = false;
    bool more = s->wait(s->context, until_us);
    s->waiting = false;
    return more;
}

/* Memory for a stack: exactly so much, that a sanitizer sees what goes beyond. */
static void *subject_memory(subject_arena *arena, size_t bytes)
{
    if (arena == NULL)
        return malloc(bytes);
    if (arena->bytes != bytes) {
        free(arena->octets);
        arena->octets = malloc(bytes);
        arena->bytes = arena->octets != NULL ? bytes : 0;
    }
    return arena->octets;
}

bool subject_begin(subject *s, const tern_config *config, const char **why)
{
    size_t bytes = tern_size(config, why);
    int first = s->first_descriptor != 0 ? s->first_descriptor : SUBJECT_FIRST_DESCRIPTOR;

    s->config = *config;
    s->outbox = NULL;
    s->outbox_end = &s->outbox;
    s->steps_max = SUBJECT_STEPS_MAX;
    void *memory = bytes > 0 ? subject_memory(s->arena, bytes) : NULL;
    if (memory == NULL)
        return false;
    s->stack = tern_init(memory, bytes, config);
    tern_sockets_config config_of_table = {
        .stack = s->stack,
        .stack_config = &s->config,
        .host = {s, subject_now, subject_wait},
        .first_descriptor = first,
        .descriptors_max = SUBJECT_DESCRIPTORS,
        .fast_open = TERN_SOCKETS_FAST_OPEN_CLIENT}; /* tcp_fastopen's default */
    s->table = tern_sockets_new(&config_of_table);
    if (s->stack != NULL && s->traced != NULL)
        tern_trace_set(s->stack, s->traced, s->context);
    return s->stack != NULL && s->table != NULL;
}

void subject_end(subject *s)
{
    subject_packet *packet;

    while ((packet = subject_take(s)) != NULL)
        free(packet);
    tern_sockets_free(s->table);
    if (s->arena == NULL)
        free(s->stack);
    s->table = NULL;
    s->stack = NULL;
}

static void subject_keep(subject *s, const uint8_t *octets, size_t bytes)
{
    subject_packet *packet = malloc(sizeof *packet + bytes);

    if (packet == NULL) {
        s->exhausted = true;
        return;
    }
    if (s->packet != NULL)
        s->packet(s->context, false, octets, bytes);
    *packet = (subject_packet){.sent_us = s->now_us, .bytes = bytes};
    memcpy(packet->octets, octets, bytes);
    *s->outbox_end = packet;
    s->outbox_end = &packet->next;
}

/* Hands on what the stack has to tell; false: nothing. */
static bool subject_tell(subject *s)
{
    tern_event event;
    bool told = false;

    while (tern_next_event(s->stack, &event)) {
        told = true;
        s->events++;
        s->connected = s->connected || (event.what & TERN_EVENT_CONNECTED) != 0;
        tern_sockets_event(s->table, &event);
    }
    return told;
}

void subject_settle(subject *s)
{
    static uint8_t octets[TERN_MTU_MAX_BYTES];
    size_t bytes;

    while (!s->exhausted) {
        bool told = subject_tell(s);
        if (s->waiting && s->connected)
            return;
        bytes = tern_output(s->stack, s->now_us, octets, sizeof octets);
        if (bytes == 0 && !told && !subject_tell(s))
            break; /* its timers have run, and left nothing to tell */
        if (bytes > 0)
            subject_keep(s, octets, bytes);
        if (++s->steps > s->steps_max)
            s->exhausted = true;
    }
}

void subject_pass(subject *s, tern_time until_us, subject_until until)
{
    uint64_t before = s->events;

    subject_settle(s);
    while (!s->exhausted) {
        if ((until == UNTIL_EVENT && s->events != before) ||
            (until == UNTIL_PACKET && s->outbox != NULL))
            return;
        tern_time next_us = tern_deadline(s->stack);
        if (next_us > until_us)
            break;
        if (next_us > s->now_us)
            s->now_us = next_us;
        if (++s->steps > s->steps_max)
            s->exhausted = true;
        subject_settle(s);
    }
    if (until_us > s->now_us && until_us != TERN_NEVER) {
        s->now_us = until_us;
        subject_settle(s); /* it learns what time it is: its status shall be of now */
    }
}

void subject_inject(subject *s, const uint8_t *octets, size_t bytes, bool last)
{
    if (s->packet != NULL)
        s->packet(s->context, true, octets, bytes);
    (void)tern_input(s->stack, s->now_us, octets, bytes);
    if (last)
        subject_settle(s);
}

subject_packet *subject_take(subject *s)
{
    subject_packet *packet = s->outbox;

    if (packet == NULL)
        return NULL;
    s->outbox = packet->next;
    if (s->outbox == NULL)
        s->outbox_end = &s->outbox;
    return packet;
}
