/* errno_of.c - a tern_err as the errno that Linux gives for it. */
#include "socket/descriptor.h"

#include <errno.h>

int sockets_errno(tern_err err)
{
    switch (err) {
    case TERN_OK:
        return 0;
    case TERN_ERR_INVALID:
        return EINVAL;
    case TERN_ERR_STALE:
        return EBADF;
    case TERN_ERR_EXISTS:
    case TERN_ERR_NO_PORTS:
        return EADDRNOTAVAIL;
    case TERN_ERR_NO_RESOURCES:
        return ENOBUFS;
    case TERN_ERR_NO_REMOTE:
        return ECONNREFUSED;
    case TERN_ERR_CLOSING:
        return EPIPE;
    case TERN_ERR_REFUSED:
        return ECONNREFUSED;
    case TERN_ERR_RESET:
        return ECONNRESET;
    case TERN_ERR_TIMED_OUT:
        return ETIMEDOUT;
    case TERN_ERR_WOULD_BLOCK:
        return EAGAIN;
    case TERN_ERR_NOT_LOCAL:
        return EADDRNOTAVAIL;
    case TERN_ERR_IN_USE:
        return EADDRINUSE;
    case TERN_ERR_NOT_CONNECTED:
        return ENOTCONN;
    case TERN_ERR_ABORTED:
        return ECONNABORTED;
    case TERN_ERR_NET_UNREACHABLE:
        return ENETUNREACH;
    case TERN_ERR_HOST_UNREACHABLE:
        return EHOSTUNREACH;
    case TERN_ERR_PROHIBITED: /* over IPv6; over IPv4 Linux calls it unreachable */
        return EACCES;
    case TERN_ERR_SOURCE_ROUTE_FAILED:
        return EOPNOTSUPP;
    case TERN_ERR_HOST_UNKNOWN:
        return EHOSTDOWN;
    case TERN_ERR_HOST_ISOLATED:
        return ENONET;
    case TERN_ERR_PROTOCOL_UNREACHABLE:
        return ENOPROTOOPT;
    case TERN_ERR_PORT_UNREACHABLE:
        return ECONNREFUSED;
    case TERN_ERR_BROKEN_PIPE:
        return EPIPE;
    case TERN_ERR_PARAMETER_PROBLEM:
        return EPROTO;
    }
    return EIO;
}
