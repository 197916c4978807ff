/* interface.h - what Google's packetdrill asks of a shared object given as --so_filename.
 *
 * packetdrill loads the object, calls packetdrill_interface_init() with the text of --so_flags, and
 * from then on calls the slots instead of the system: the sockets' calls, the network device and
 * the clock. The order and the types of the slots are the contract between the two; each one is
 * called whether or not it was filled. A slot that stands for a system call returns as that does:
 * -1 and errno. Blocking calls come from a second thread. */
#ifndef TERN_APPS_PACKETDRILL_INTERFACE_H
#define TERN_APPS_PACKETDRILL_INTERFACE_H

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct packetdrill_interface {
    void *userdata; /* the first argument of every slot */
    void (*free)(void *userdata);

    int (*socket)(void *userdata, int domain, int type, int protocol);
    int (*bind)(void *userdata, int fd, const struct sockaddr *address, socklen_t bytes);
    int (*listen)(void *userdata, int fd, int backlog);
    int (*accept)(void *userdata, int fd, struct sockaddr *address, socklen_t *bytes);
    int (*connect)(void *userdata, int fd, const struct sockaddr *address, socklen_t bytes);

    ssize_t (*read)(void *userdata, int fd, void *data, size_t bytes);
    ssize_t (*readv)(void *userdata, int fd, const struct iovec *parts, int count);
    ssize_t (*recv)(void *userdata, int fd, void *data, size_t bytes, int flags);
    ssize_t (*recvfrom)(void *userdata, int fd, void *data, size_t bytes, int flags,
                        struct sockaddr *from, socklen_t *from_bytes);
    ssize_t (*recvmsg)(void *userdata, int fd, struct msghdr *message, int flags);
    ssize_t (*write)(void *userdata, int fd, const void *data, size_t bytes);
    ssize_t (*writev)(void *userdata, int fd, const struct iovec *parts, int count);
    ssize_t (*send)(void *userdata, int fd, const void *data, size_t bytes, int flags);
    ssize_t (*sendto)(void *userdata, int fd, const void *data, size_t bytes, int flags,
                      const struct sockaddr *to, socklen_t to_bytes);
    ssize_t (*sendmsg)(void *userdata, int fd, const struct msghdr *message, int flags);

    int (*fcntl)(void *userdata, int fd, int command, ...);           /* at most one argument */
    int (*ioctl)(void *userdata, int fd, unsigned long request, ...); /* likewise */
    int (*close)(void *userdata, int fd);
    int (*shutdown)(void *userdata, int fd, int how);
    int (*getsockopt)(void *userdata, int fd, int level, int name, void *value, socklen_t *bytes);
    int (*setsockopt)(void *userdata, int fd, int level, int name, const void *value,
                      socklen_t bytes);
    int (*poll)(void *userdata, struct pollfd *fds, nfds_t count, int timeout_ms);

    /* One IP packet goes into the stack. 0, or -1. */
    int (*netdev_send)(void *userdata, const void *packet, size_t bytes);
    /* The next packet that the stack sends, of at most *bytes octets: its length into *bytes, 0 for
     * none; when it was sent into *time_us. 0; after -1 packetdrill asks again, for ever. */
    int (*netdev_receive)(void *userdata, void *packet, size_t *bytes, long long *time_us);
    int (*usleep)(void *userdata, useconds_t us);
    int (*gettimeofday)(void *userdata, struct timeval *now, struct timezone *zone);

    int (*epoll_create)(void *userdata, int size);
    int (*epoll_ctl)(void *userdata, int epoll_fd, int operation, int fd,
                     struct epoll_event *event);
    int (*epoll_wait)(void *userdata, int epoll_fd, struct epoll_event *events, int most,
                      int timeout_ms);
    int (*pipe)(void *userdata, int fds[2]);
    int (*splice)(void *userdata, int fd_in, off64_t *offset_in, int fd_out, off64_t *offset_out,
                  size_t bytes, unsigned int flags);
};

/* Fills every slot. flags (so_flags.h) may be NULL. What is wrong with them goes to stderr and ends
 * the program: packetdrill takes no other answer. */
__attribute__((visibility("default"))) void
packetdrill_interface_init(const char *flags, struct packetdrill_interface *interface);

#endif
