/*
 * The order matters: the bounding set needs CAP_SETPCAP, the groups need root, and the user goes
 * last. What was given up is then looked at, because a half of it would be worse than none.
 */
#include "control/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.h"

#define CAPABILITY_WORDS _LINUX_CAPABILITY_U32S_3

/* Unless the machine says otherwise. */
#define PRIVILEGED_PORTS_END 1024

static struct result refuse(const struct config_text *setting, const char *key,
                            struct diagnostics *diagnostics, const char *expected)
{
    diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, setting->place, "[gateway] %s = %s: %s", key,
                    setting->text, expected);
    return result_failure(ERROR_BAD_CONFIG);
}

static struct result find_group(const struct config_text *setting, struct diagnostics *diagnostics,
                                gid_t *group)
{
    if (setting->text == NULL) {
        return RESULT_OK;
    }
    const struct group *found = getgrnam(setting->text);
    if (found == NULL) {
        return refuse(setting, "group", diagnostics, "expected a group of this machine");
    }
    *group = found->gr_gid;
    return RESULT_OK;
}

struct result privileges_find(const struct config_gateway *gateway, struct diagnostics *diagnostics,
                              struct privileges *ret_privileges)
{
    const struct config_text *setting = &gateway->user;
    struct privileges privileges = {.user_name = setting->text};
    if (setting->text == NULL && gateway->group.text != NULL) {
        return refuse(&gateway->group, "group", diagnostics, "expected a user beside it");
    }
    if (setting->text == NULL) {
        *ret_privileges = privileges;
        return RESULT_OK;
    }
    const struct passwd *found = getpwnam(setting->text);
    if (found == NULL) {
        return refuse(setting, "user", diagnostics, "expected a user of this machine");
    }
    privileges.user = found->pw_uid;
    privileges.group = found->pw_gid;
    TRY(find_group(&gateway->group, diagnostics, &privileges.group));
    if (privileges.user == 0 || privileges.group == 0) {
        return refuse(setting, "user", diagnostics,
                      "expected a user and a group without privileges, not root");
    }
    *ret_privileges = privileges;
    return RESULT_OK;
}

bool privileges_are_root(void)
{
    return geteuid() == 0;
}

static bool may_listen_anywhere(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct held[CAPABILITY_WORDS] = {0};
    return syscall(SYS_capget, &header, held) == 0 &&
           (held[0].effective & 1U << CAP_NET_BIND_SERVICE) != 0;
}

unsigned privileges_first_port(void)
{
    unsigned first = PRIVILEGED_PORTS_END;
    FILE *setting = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
    if (setting != NULL) {
        char line[16];
        uint64_t number = 0;
        size_t length = fgets(line, sizeof(line), setting) == NULL ? 0 : strcspn(line, "\n");
        if (bytes_to_number(bytes_from(line, length), UINT16_MAX + 1U, &number)) {
            first = (unsigned)number;
        }
        (void)fclose(setting);
    }
    return may_listen_anywhere() ? 0 : first;
}

/* None can come back by executing a program. */
static bool empty_bounding_set(void)
{
    for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++) {
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0) {
            return false;
        }
    }
    return true;
}

static bool become(const struct privileges *privileges)
{
    return initgroups(privileges->user_name, privileges->group) == 0 &&
           setresgid(privileges->group, privileges->group, privileges->group) == 0 &&
           setresuid(privileges->user, privileges->user, privileges->user) == 0;
}

static bool empty_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[CAPABILITY_WORDS] = {0};
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
           syscall(SYS_capset, &header, none) == 0;
}

static bool close_ways_back(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool is_nothing_left(const struct privileges *privileges)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct held[CAPABILITY_WORDS] = {0};
    const struct __user_cap_data_struct none[CAPABILITY_WORDS] = {0};
    uid_t real = 0, effective = 0, saved = 0;
    return getresuid(&real, &effective, &saved) == 0 && real == privileges->user &&
           effective == privileges->user && saved == privileges->user && setuid(0) != 0 &&
           setgid(0) != 0 && syscall(SYS_capget, &header, held) == 0 &&
           memcmp(held, none, sizeof(held)) == 0;
}

struct result privileges_drop(const struct privileges *privileges)
{
    if (privileges->user_name == NULL) {
        return RESULT_OK;
    }
    if (!privileges_are_root()) {
        return geteuid() == privileges->user ? RESULT_OK : result_failure(ERROR_NOT_PERMITTED);
    }
    bool is_done = empty_bounding_set() && become(privileges) && empty_capabilities() &&
                   close_ways_back() && is_nothing_left(privileges);
    return is_done ? RESULT_OK : result_failure(ERROR_NOT_PERMITTED);
}
