/* arguments.h - what the arguments of a script's call say, as values for the socket layer.
 *
 * Each function gives the verdict itself when an argument is not what it takes, and returns
 * false. */
#ifndef TERN_APPS_DRILL_ARGUMENTS_H
#define TERN_APPS_DRILL_ARGUMENTS_H

#include "apps/drill/runner.h"

#include <sys/socket.h>
#include <sys/uio.h>

typedef struct arguments {
    runner *r;
    const pkt_call *call;
} arguments;

/* The n-th argument, from 0; NULL: there are fewer, and the verdict says so. */
const pkt_expr *argument_at(const arguments *a, uint32_t n);

/* A number, a symbol, symbols joined by |, htons(..) and the like. */
bool argument_value(const arguments *a, const pkt_expr *e, int64_t *value);
bool argument_number(const arguments *a, uint32_t n, int64_t *value);

/* A descriptor of the script as the table's. One that the script never made: itself. */
bool argument_descriptor(const arguments *a, uint32_t n, int *fd);
int argument_live(const runner *r, int64_t script_fd);
/* The script's number of a descriptor; -1: none. */
int argument_script(const runner *r, int fd);

/* An address; "..." is `usual`. */
bool argument_address(const arguments *a, uint32_t n, const tern_endpoint *usual,
                      struct sockaddr_storage *address, socklen_t *bytes);

/* An address as the sockets of this run have it. */
socklen_t argument_sockaddr(const runner *r, const tern_endpoint *endpoint,
                            struct sockaddr_storage *address);

enum { ARGUMENT_PARTS_MAX = 64 };

/* [{..., 10}, {..., 20}]: parts of `room`, which is zeroed. */
bool argument_parts(const arguments *a, const pkt_expr *list, struct iovec *parts, size_t *count);
/* Room of so many octets, zeroed; the same at each call. false: too many. */
bool argument_room(const arguments *a, const pkt_expr *e, int64_t bytes, uint8_t **room);

#endif
