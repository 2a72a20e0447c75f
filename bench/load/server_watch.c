/* /proc and perf_event_open(2); see the header. Called by run.c between the phases of a run. */
#include "server_watch.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "plan.h"
#include "proc_file.h"

#define THREADS_MAX   1024
#define PATH_SIZE     64
#define NS_PER_SECOND UINT64_C(1000000000)

struct server_watch {
    uint64_t processes[PLAN_PROCESSES_MAX];
    size_t process_count;
    int counters[THREADS_MAX]; /* one a thread: enter of a system call */
    size_t counter_count;
};

typedef void (*task_function)(uint64_t process, uint64_t task, void *context);

static void each_task(uint64_t process, task_function function, void *context)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "/proc/%llu/task", (unsigned long long)process);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        uint64_t task;
        if (bytes_to_number(bytes_from_string(entry->d_name), INT32_MAX, &task)) {
            function(process, task, context);
        }
    }
    (void)closedir(folder);
}

/* Of all its threads, those that have ended too; false when the process has. */
static bool read_cpu(uint64_t process, uint64_t *ret_ns)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid((pid_t)process, &clock) != 0 || clock_gettime(clock, &used) != 0) {
        return false;
    }
    *ret_ns = (uint64_t)used.tv_sec * NS_PER_SECOND + (uint64_t)used.tv_nsec;
    return true;
}

/* UINT64_MAX when the kernel has no such tracepoint or does not show it to us. */
static uint64_t tracepoint(void)
{
    static const char *const paths[] = {
        "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
        "/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
    };
    uint64_t number = UINT64_MAX;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && number == UINT64_MAX; i++) {
        (void)proc_file_read_numbers(paths[i], &number, 1);
    }
    return number;
}

static void open_counter(uint64_t process, uint64_t task, void *watch_pointer)
{
    struct server_watch *watch = watch_pointer;
    struct perf_event_attr event = {
        .type = PERF_TYPE_TRACEPOINT,
        .size = sizeof(event),
        .config = tracepoint(),
        .inherit = 1, /* threads that begin later */
    };
    (void)process;
    if (watch->counter_count == THREADS_MAX || event.config == UINT64_MAX) {
        return;
    }
    long descriptor =
        syscall(SYS_perf_event_open, &event, (pid_t)task, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (descriptor >= 0) {
        watch->counters[watch->counter_count++] = (int)descriptor;
    }
}

static bool read_processes(const char *list, struct server_watch *watch,
                           char message[SERVER_WATCH_MESSAGE_SIZE])
{
    struct bytes rest = bytes_from_string(list);
    while (rest.length > 0) {
        char path[PATH_SIZE];
        uint64_t process;
        size_t end = bytes_find(rest, ',');
        struct bytes word = bytes_slice(rest, 0, end);
        if (!bytes_to_number(word, INT32_MAX, &process)) {
            (void)snprintf(message, SERVER_WATCH_MESSAGE_SIZE,
                           "--server-pid %.60s: expected process numbers such as 123,124", list);
            return false;
        }
        if (watch->process_count == PLAN_PROCESSES_MAX) {
            (void)snprintf(message, SERVER_WATCH_MESSAGE_SIZE,
                           "--server-pid: at most %d processes can be watched", PLAN_PROCESSES_MAX);
            return false;
        }
        (void)snprintf(path, sizeof(path), "/proc/%llu/task", (unsigned long long)process);
        if (access(path, R_OK) != 0) {
            (void)snprintf(message, SERVER_WATCH_MESSAGE_SIZE,
                           "--server-pid: there is no process %llu", (unsigned long long)process);
            return false;
        }
        watch->processes[watch->process_count++] = process;
        rest = bytes_slice(rest, end == rest.length ? end : end + 1, rest.length);
    }
    return watch->process_count > 0;
}

struct result server_watch_create(const char *list, struct server_watch **ret_watch,
                                  char message[SERVER_WATCH_MESSAGE_SIZE])
{
    struct server_watch *watch = calloc(1, sizeof(*watch));
    (void)snprintf(message, SERVER_WATCH_MESSAGE_SIZE, "--server-pid: expected process numbers");
    if (watch == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (!read_processes(list, watch, message)) {
        server_watch_destroy(watch);
        return result_failure(ERROR_BAD_INPUT);
    }
    for (size_t i = 0; i < watch->process_count; i++) {
        each_task(watch->processes[i], open_counter, watch);
    }
    *ret_watch = watch;
    return RESULT_OK;
}

void server_watch_destroy(struct server_watch *watch)
{
    if (watch == NULL) {
        return;
    }
    for (size_t i = 0; i < watch->counter_count; i++) {
        (void)close(watch->counters[i]);
    }
    free(watch);
}

struct server_usage server_watch_read(const struct server_watch *watch)
{
    struct server_usage usage = {.has_system_calls = watch->counter_count > 0};
    for (size_t i = 0; i < watch->process_count; i++) {
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof(path), "/proc/%llu/status",
                       (unsigned long long)watch->processes[i]);
        uint64_t cpu_ns = 0;
        uint64_t resident_bytes = proc_file_read_size(path, "VmRSS");
        /* One that nobody has waited for yet has a clock, but no memory. */
        usage.has_gap |= !read_cpu(watch->processes[i], &cpu_ns) || resident_bytes == 0;
        usage.cpu_ns += cpu_ns;
        usage.resident_bytes += resident_bytes;
    }
    for (size_t i = 0; i < watch->counter_count; i++) {
        uint64_t count = 0;
        if (read(watch->counters[i], &count, sizeof(count)) == sizeof(count)) {
            usage.system_calls += count;
        }
    }
    return usage;
}

uint64_t server_watch_kernel_bytes(void)
{
    return proc_file_read_size("/proc/meminfo", "Slab");
}
