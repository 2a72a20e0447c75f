/*
 * Loaded before libc: the program is killed in the middle of writing SUDDEN_DEATH_FILE, at step
 * SUDDEN_DEATH_STEP (from 1) of what it does to it or to its successor beside it. A write that is
 * the step does half of its work.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int (*open_function)(const char *, int, ...);
typedef ssize_t (*write_function)(int, const void *, size_t);
typedef int (*descriptor_function)(int);
typedef int (*path_function)(const char *);
typedef int (*rename_function)(const char *, const char *);

static int watched = -1;

static bool is_ours(const char *path)
{
    const char *file = getenv("SUDDEN_DEATH_FILE");
    return file != NULL && strncmp(path, file, strlen(file)) == 0;
}

/* Whether this is the step. The store's thread is the only one that writes the file. */
static bool is_the_end(void)
{
    static int step;
    const char *wanted = getenv("SUDDEN_DEATH_STEP");
    return wanted != NULL && ++step == atoi(wanted);
}

static void die(void)
{
    (void)kill(getpid(), SIGKILL);
    (void)pause();
}

static void count(bool is_ours)
{
    if (is_ours && is_the_end()) {
        die();
    }
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    bool is_written = is_ours(path) && (flags & O_CREAT) != 0;
    count(is_written);
    int descriptor = ((open_function)dlsym(RTLD_NEXT, "open"))(path, flags, mode);
    watched = is_written ? descriptor : watched;
    return descriptor;
}

ssize_t write(int descriptor, const void *bytes, size_t length)
{
    write_function next = (write_function)dlsym(RTLD_NEXT, "write");
    if (descriptor == watched && watched >= 0 && is_the_end()) {
        (void)!next(descriptor, bytes, length / 2);
        die();
    }
    return next(descriptor, bytes, length);
}

int fsync(int descriptor)
{
    count(descriptor == watched && watched >= 0);
    return ((descriptor_function)dlsym(RTLD_NEXT, "fsync"))(descriptor);
}

int close(int descriptor)
{
    if (descriptor == watched && watched >= 0) {
        count(true);
        watched = -1;
    }
    return ((descriptor_function)dlsym(RTLD_NEXT, "close"))(descriptor);
}

int unlink(const char *path)
{
    count(is_ours(path));
    return ((path_function)dlsym(RTLD_NEXT, "unlink"))(path);
}

int rename(const char *from, const char *to)
{
    bool is_wanted = is_ours(to);
    count(is_wanted);
    int status = ((rename_function)dlsym(RTLD_NEXT, "rename"))(from, to);
    count(is_wanted); /* and just behind it */
    return status;
}
