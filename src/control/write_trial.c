/*
 * Looks with the rights in effect, so capabilities, access lists and read-only file systems count.
 * Nothing is made, opened or connected to: a gateway that runs does not notice.
 */
#include "write_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_access(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? 0 : errno;
}

/* Where the file is to be made. */
static int try_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL || slash == path ? 1 : (size_t)(slash - path);
    if (length >= sizeof(folder)) {
        return ENAMETOOLONG;
    }
    memcpy(folder, slash == NULL ? "." : path, length);
    folder[length] = '\0';
    struct stat status;
    if (stat(folder, &status) != 0) {
        return errno;
    }
    return S_ISDIR(status.st_mode) ? try_access(folder, W_OK | X_OK) : ENOTDIR;
}

static int try_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return errno == ENOENT ? try_folder(path) : errno;
    }
    return S_ISDIR(status.st_mode) ? EISDIR : try_access(path, W_OK);
}

static int try_socket(const char *path)
{
    struct stat status;
    if (lstat(path, &status) == 0) {
        return S_ISSOCK(status.st_mode) ? try_folder(path) : ENOTSOCK;
    }
    return errno == ENOENT ? try_folder(path) : errno;
}

void write_trial_look(struct write_trial *trials, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct write_trial *trial = &trials[i];
        if (trial->path != NULL) {
            trial->reason = trial->is_socket ? try_socket(trial->path) : try_file(trial->path);
        }
    }
}

/* What is given up cannot be taken back: it takes a process of its own, whose answer comes through
 * memory that both have. */
static bool look_in_child(const struct privileges *privileges, struct write_trial *shared,
                          size_t count)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        bool is_user = result_is_ok(privileges_drop(privileges));
        if (is_user) {
            write_trial_look(shared, count);
        }
        _exit(is_user ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

bool write_trial_look_as(const struct privileges *privileges, struct write_trial *trials,
                         size_t count)
{
    size_t size = count * sizeof(*trials);
    struct write_trial *shared =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return false;
    }
    memcpy(shared, trials, size);
    bool is_done = look_in_child(privileges, shared, count);
    if (is_done) {
        memcpy(trials, shared, size);
    }
    (void)munmap(shared, size);
    return is_done;
}
