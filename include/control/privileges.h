/*
 * Giving up root: who the gateway becomes once its sockets are bound and its keys are read.
 *
 * The control thread's. privileges_drop() must come before any thread is started: capabilities and
 * no_new_privs belong to each thread, and the threads started later inherit them.
 */
#ifndef CONTROL_PRIVILEGES_H
#define CONTROL_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/result.h"
#include "config/config.h"

struct privileges {
    const char *user_name; /* NULL: nobody else is to be become */
    uid_t user;
    gid_t group;
};

/*
 * Looks up `user` and `group` of the configuration. ERROR_BAD_CONFIG, put into diagnostics, when
 * one does not exist or is root, or when there is a group without a user.
 */
struct result privileges_find(const struct config_gateway *gateway, struct diagnostics *diagnostics,
                              struct privileges *ret_privileges);

/* Whether this process has what privileges_drop() gives up. */
bool privileges_are_root(void);

/* The lowest port that this process may listen on: 0 with CAP_NET_BIND_SERVICE. */
unsigned privileges_first_port(void);

/*
 * As root: becomes the user, in the group and the user's further groups, without any capability and
 * without a way to get one (no_new_privs), not to be traced or dumped by others. Without root:
 * RESULT_OK when this process is that user already. ERROR_NOT_PERMITTED otherwise, and when
 * anything of it fails; then the process must end, as it may have done half.
 */
struct result privileges_drop(const struct privileges *privileges);

#endif
