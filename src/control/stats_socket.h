/*
 * The listening sockets of the stats server, and who it is that connects to them. Blocks for
 * moments: the control thread's and the stats thread's.
 */
#ifndef CONTROL_STATS_SOCKET_H
#define CONTROL_STATS_SOCKET_H

#include <sys/stat.h>

#include "base/result.h"
#include "base/text.h"
#include "config/config.h"
#include "config/config_limits.h"

/* A UNIX socket in the file system. */
struct stats_socket {
    char path[CONFIG_SOCKET_PATH_BYTES_MAX + 1];
    int descriptor; /* -1: closed */
    dev_t device;   /* of the file, to know it again */
    ino_t inode;
    uid_t owner;
    gid_t group;
};

/* What a peer may do. */
enum stats_rights { STATS_MAY_NOTHING, STATS_MAY_READ, STATS_MAY_CHANGE };

/*
 * Listens at path, with mode 0660 from its first moment. A socket file that nobody serves any more
 * is replaced; one that somebody serves is ERROR_ADDRESS_IN_USE, and nothing but a socket is ever
 * removed. Appends to reason what is wrong.
 */
struct result stats_socket_open(const char *path, struct text *reason,
                                struct stats_socket *ret_socket);

/* Removes the file if it is still ours. Accepts a closed one. */
void stats_socket_close(struct stats_socket *socket);

/* Listens at an address of this machine's loopback (the caller has checked that). */
struct result stats_socket_open_address(const struct config_address *address, struct text *reason,
                                        int *ret_descriptor);

/* root and the owner of the socket's file may change things, its group may read. descriptor: of an
 * accepted peer. */
enum stats_rights stats_socket_rights(const struct stats_socket *socket, int descriptor);

#endif
