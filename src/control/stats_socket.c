/* The file of a UNIX socket outlives its program; whether anybody serves it shows only when one
 * connects to it. */
#include "stats_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"

#define SOCKET_MODE 0660
#define BACKLOG     128

/* Groups of a peer that are looked at; more than any real account has. */
#define PEER_GROUPS_MAX 256

static struct result fail(struct text *reason, enum error error, const char *what)
{
    text_append_format(reason, "%s: %s", what, strerror(errno));
    return result_failure(error);
}

static int make_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static void write_address(const char *path, struct sockaddr_un *ret_address)
{
    size_t length = strlen(path);
    CHECK(length <= CONFIG_SOCKET_PATH_BYTES_MAX); /* the configuration was checked */
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret_address->sun_path, path, length);
}

/* Leaves errno as connect() has set it; 0: somebody serves it. */
static int probe(const struct sockaddr_un *address)
{
    int descriptor = make_socket(AF_UNIX);
    if (descriptor < 0) {
        return errno;
    }
    int error =
        connect(descriptor, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
    (void)close(descriptor);
    return error == EAGAIN ? 0 : error; /* its queue is full: it lives */
}

static struct result remove_stale(const char *path, const struct sockaddr_un *address,
                                  struct text *reason)
{
    struct stat status;
    if (lstat(path, &status) != 0) {
        return errno == ENOENT ? RESULT_OK : fail(reason, ERROR_FILE, "it cannot be looked at");
    }
    if (!S_ISSOCK(status.st_mode)) {
        text_append_string(reason, "there is a file that is no socket; remove it, or choose "
                                   "another path");
        return result_failure(ERROR_FILE);
    }
    int error = probe(address);
    if (error == 0) {
        text_append_string(reason, "another instance serves it; stop that one, or choose another "
                                   "path");
        return result_failure(ERROR_ADDRESS_IN_USE);
    }
    if (error != ECONNREFUSED && error != ENOENT) {
        errno = error;
        return fail(reason, ERROR_NOT_PERMITTED, "whether it is in use cannot be seen");
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        return fail(reason, ERROR_NOT_PERMITTED, "the socket of an earlier run cannot be removed");
    }
    return RESULT_OK;
}

/* The mode of the descriptor becomes that of the file, less the umask: at no moment is it wider. */
static struct result listen_at(struct stats_socket *opened, const struct sockaddr_un *address,
                               struct text *reason)
{
    struct stat status;
    if (fchmod(opened->descriptor, SOCKET_MODE) != 0 ||
        bind(opened->descriptor, (const struct sockaddr *)address, sizeof(*address)) != 0) {
        enum error error = errno == EADDRINUSE                 ? ERROR_ADDRESS_IN_USE
                           : errno == EACCES || errno == EPERM ? ERROR_NOT_PERMITTED
                                                               : ERROR_FILE;
        return fail(reason, error, "it cannot be made");
    }
    if (chmod(opened->path, SOCKET_MODE) != 0 || lstat(opened->path, &status) != 0 ||
        listen(opened->descriptor, BACKLOG) != 0) {
        return fail(reason, ERROR_SYSTEM, "it cannot be listened on");
    }
    opened->device = status.st_dev;
    opened->inode = status.st_ino;
    opened->owner = status.st_uid;
    opened->group = status.st_gid;
    return RESULT_OK;
}

struct result stats_socket_open(const char *path, struct text *reason,
                                struct stats_socket *ret_socket)
{
    struct sockaddr_un address;
    struct stats_socket opened = {0};
    write_address(path, &address);
    memcpy(opened.path, address.sun_path, sizeof(opened.path));
    TRY(remove_stale(path, &address, reason));
    opened.descriptor = make_socket(AF_UNIX);
    if (opened.descriptor < 0) {
        return fail(reason, ERROR_LIMIT_REACHED, "no socket");
    }
    struct result result = listen_at(&opened, &address, reason);
    if (!result_is_ok(result)) {
        (void)close(opened.descriptor);
        return result;
    }
    *ret_socket = opened;
    return RESULT_OK;
}

void stats_socket_close(struct stats_socket *socket)
{
    struct stat status;
    if (socket->descriptor < 0) {
        return;
    }
    if (lstat(socket->path, &status) == 0 && status.st_dev == socket->device &&
        status.st_ino == socket->inode) {
        (void)unlink(socket->path); /* a file that stays does no harm */
    }
    (void)close(socket->descriptor);
    socket->descriptor = -1;
}

struct result stats_socket_open_address(const struct config_address *address, struct text *reason,
                                        int *ret_descriptor)
{
    int yes = 1;
    const struct sockaddr *name = (const struct sockaddr *)&address->socket_address;
    int descriptor = make_socket(name->sa_family);
    if (descriptor < 0) {
        return fail(reason, ERROR_LIMIT_REACHED, "no socket");
    }
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(descriptor, name, address->length_bytes) != 0 || listen(descriptor, BACKLOG) != 0) {
        struct result result =
            fail(reason, errno == EADDRINUSE ? ERROR_ADDRESS_IN_USE : ERROR_ADDRESS_UNAVAILABLE,
                 "it cannot be listened on");
        (void)close(descriptor);
        return result;
    }
    *ret_descriptor = descriptor;
    return RESULT_OK;
}

static bool is_member(int descriptor, gid_t group)
{
    gid_t groups[PEER_GROUPS_MAX];
    socklen_t size = sizeof(groups);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
        return false; /* more than fit, too: who cannot be told is not let in */
    }
    for (size_t i = 0; i < size / sizeof(groups[0]); i++) {
        if (groups[i] == group) {
            return true;
        }
    }
    return false;
}

enum stats_rights stats_socket_rights(const struct stats_socket *socket, int descriptor)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
        size != sizeof(peer)) {
        return STATS_MAY_NOTHING;
    }
    if (peer.uid == 0 || peer.uid == socket->owner) {
        return STATS_MAY_CHANGE;
    }
    return peer.gid == socket->group || is_member(descriptor, socket->group) ? STATS_MAY_READ
                                                                             : STATS_MAY_NOTHING;
}
