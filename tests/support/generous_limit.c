/*
 * Loaded before libc: the program believes that it may open very many descriptors, while the
 * kernel's limit stays what it is. So it meets the end of them where it does not expect it, as when
 * the whole system runs out. (Lowering the limit of a running program does not do: a multishot
 * accept goes on with the limit of the moment when it was armed.)
 */
#include <dlfcn.h>
#include <sys/resource.h>

#define BELIEVED_COUNT 65536

typedef int (*getrlimit_function)(__rlimit_resource_t, struct rlimit *);
typedef int (*setrlimit_function)(__rlimit_resource_t, const struct rlimit *);

int getrlimit(__rlimit_resource_t resource, struct rlimit *ret_limit)
{
    int status = ((getrlimit_function)dlsym(RTLD_NEXT, "getrlimit"))(resource, ret_limit);
    if (status == 0 && resource == RLIMIT_NOFILE) {
        *ret_limit = (struct rlimit){BELIEVED_COUNT, BELIEVED_COUNT};
    }
    return status;
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    if (resource == RLIMIT_NOFILE) {
        return 0;
    }
    return ((setrlimit_function)dlsym(RTLD_NEXT, "setrlimit"))(resource, limit);
}
