/* plugin_fixture.h - libtern_packetdrill.so as packetdrill sees it: loaded by its path, driven
 * through the slots, with a second thread for calls that block. */
#ifndef TERN_TESTS_PLUGIN_PLUGIN_FIXTURE_H
#define TERN_TESTS_PLUGIN_PLUGIN_FIXTURE_H

#include "apps/drill/datagram.h"
#include "apps/packetdrill/interface.h"
#include "tests/test.h"

#include <netinet/in.h>
#include <pthread.h>

enum { PORT = 8080, PEER_PORT = 40000, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

typedef struct plugin_fixture {
    void *object;
    struct packetdrill_interface ifc;
    uint8_t octets[DATAGRAM_MAX_BYTES]; /* of the packet that was received last */
} plugin_fixture;

/* Loads the object that TERN_PACKETDRILL names, and asks it for an interface. */
void plugin_begin(plugin_fixture *f, const char *flags);
void plugin_end(plugin_fixture *f);

/* A function of the object's, by name: as LD_PRELOAD would put it before libc's. */
void plugin_symbol(const plugin_fixture *f, const char *name, void *function, size_t bytes);

/* One look at the clock, in us. */
int64_t plugin_now_us(plugin_fixture *f);

/* A listener at PORT. */
int plugin_listener(plugin_fixture *f);

/* Gives a segment of the peer's, PEER_PORT to PORT. */
void plugin_send(plugin_fixture *f, uint32_t seq, uint32_t ack, uint16_t flags, size_t bytes);
/* The same, to another port. */
void plugin_send_to(plugin_fixture *f, uint16_t port, const datagram_segment *segment);

/* The next packet. false: none will ever come. */
bool plugin_receive(plugin_fixture *f, datagram_view *view, int64_t *sent_us);

/* A passive open, accept and all: the descriptor, and the stack's ISS. */
int plugin_accepted(plugin_fixture *f, uint32_t *iss);

/* A call that is made in a second thread; plugin_call() returns when it sleeps or has returned, as
 * packetdrill waits for its own. */
typedef struct plugin_call {
    plugin_fixture *fixture;
    ssize_t (*make)(plugin_fixture *f, int fd);
    void (*then)(void); /* NULL, or what the thread does with the result */
    int fd;
    pthread_t thread;
    ssize_t result;
    int error;           /* errno */
    int64_t returned_us; /* by the first look at the clock */
} plugin_call;

void plugin_call_begin(plugin_call *c);
/* Waits for its return. */
void plugin_call_end(plugin_call *c);

#endif
