/* sockets_fixture.h - two stacks 5 ms apart, each with a table of sockets, in virtual time. */
#ifndef TERN_TESTS_UNIT_SOCKET_SOCKETS_FIXTURE_H
#define TERN_TESTS_UNIT_SOCKET_SOCKETS_FIXTURE_H

#include "sim/world.h"
#include "tern/sockets.h"

#include <netinet/in.h>

/* A number or a negative errno. */
#define CHECK_INT(got, want) CHECK_EQ((unsigned)(int)(got), (unsigned)(int)(want))

enum { END_CLIENT, END_SERVER, ENDS, FIXTURE_PORT = 80 };

typedef struct duo {
    world *w;
    tern_sockets *table[ENDS];
    unsigned events;  /* that came to either table */
    bool interrupted; /* the next wait fails */
} duo;

void duo_begin(duo *f);
void duo_end(duo *f);

/* Gives an end another value of a profile key, for what comes. */
void duo_set(duo *f, unsigned end, const char *key, const char *value);

/* Lets so much time pass. */
void duo_pass(duo *f, tern_time us);

/* An address of an end, of this family (AF_INET or AF_INET6). */
struct sockaddr_storage duo_address(int family, unsigned end, uint16_t port);
socklen_t duo_address_bytes(int family);

/* A socket of the server that listens on FIXTURE_PORT. */
int duo_listener(duo *f, int family, int type);

/* Binds a socket of the server to FIXTURE_PORT and listens. */
void duo_listen(duo *f, int family, int fd);

/* A socket of the client that has connected to FIXTURE_PORT. */
int duo_client(duo *f, int family);

/* duo_listen(), duo_client(), and the connection accepted. */
int duo_connect(duo *f, int family, int listener, int *accepted);

/* From now on the server is silent: none of its descriptors may be used. */
void duo_cut(duo *f);

/* A connection: the client's descriptor, and in *accepted the server's. The listener is closed. */
int duo_connection(duo *f, int *accepted);

#endif
