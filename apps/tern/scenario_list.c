/* scenario_list.c - the scenarios that are built in, in the order of a first reading. */
#include "apps/tern/i18n.h"
#include "apps/tern/scenario.h"

#include <string.h>

static const scenario_entry entries[] = {
    {"session", N_("a whole connection: handshake, request, reply, close"),
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "when client connected +10ms client send 100\n"
     "when server read 100 server send 1000\n"
     "when client read 1000 client close\n"
     "when server ended +20ms server close\n"},

    {"handshake", N_("SYN, SYN-ACK, ACK: how a connection opens"),
     "at 0 server listen\n"
     "at 10ms client connect\n"},

    {"close", N_("FIN, ACK, FIN, ACK: how a connection closes in four segments"),
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "when client connected +100ms client close\n"
     "when server ended +100ms server close\n"},

    {"close-in-three", N_("the same in three segments: FIN and ACK share the second"),
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "when client connected +100ms client close\n"
     "when server ended server close\n"},

    {"data-on-ack", N_("the third segment of the handshake carries data"),
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "at 11ms client send 100\n"
     "when server read 100 +50ms client close\n"
     "when server ended server close\n"},

    {"half-close", N_("the client ends its sending side, the server goes on"),
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "when client connected client send 100\n"
     "when client connected +50ms client shutdown\n"
     "when server ended server send 3000\n"
     "when server ended +200ms server send 500\n"
     "when server ended +300ms server close\n"
     "when client ended client close\n"},

    {"simultaneous-open", N_("two SYNs cross: one connection, not two"),
     "port client 7000\n"
     "port server 7001\n"
     "at 10ms client connect\n"
     "at 12ms server connect\n"},

    {"simultaneous-close", N_("two FINs cross: CLOSING and TIME-WAIT on both sides"),
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "when server accepted +100ms client close\n"
     "when server accepted +100ms server close\n"},

    {"closed-port", N_("a SYN to a port where nobody listens: connection refused"),
     "at 10ms client connect\n"},

    {"abort", N_("one side aborts; then one crashes, and the other finds out"),
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "when client connected client send 100\n"
     "when server read 100 +50ms client abort\n"
     "when server closed +200ms client connect\n"
     "when client connected:2 +50ms server crash\n"
     "when client connected:2 +100ms server restart\n"
     "when client connected:2 +200ms client send 100\n"},

    {"loss", N_("the first SYN, the first data and the first FIN are lost"),
     "lose syn:1\n"
     "lose data:1\n"
     "lose fin:1\n"
     "at 0 server listen\n"
     "at 10ms client connect\n"
     "when client connected client send 100\n"
     "when server read 100 server send 2000\n"
     "when client read 2000 +50ms client close\n"
     "when server ended +20ms server close\n"},
};

const scenario_entry *scenario_list(size_t index)
{
    return index < sizeof entries / sizeof entries[0] ? &entries[index] : NULL;
}

const scenario_entry *scenario_find(const char *name)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}
