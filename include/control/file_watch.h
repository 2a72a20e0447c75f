/*
 * Whether the files that the configuration rests on are still those that were read. Owned by the
 * control thread, which is sent SIGIO when there is something to look at.
 *
 * Folders are watched, not files: a file may be replaced by another (an editor's save, the swapped
 * links of a Kubernetes volume) or be missing. What happens there only says when to look; whether
 * anything has changed is decided by what the files are (device, inode, size, times). So
 * nothing is missed when events are, and files beside them cause no reload. What inotify cannot see
 * (a network file system, a writer that never closes) is found by a look now and then.
 */
#ifndef CONTROL_FILE_WATCH_H
#define CONTROL_FILE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

struct file_watch;

/* config_path outlives it. Looks at nothing yet. ERROR_OUT_OF_MEMORY. */
struct result file_watch_create(const char *config_path, struct file_watch **ret_watch);

/* Accepts NULL. */
void file_watch_destroy(struct file_watch *watch);

/*
 * The files are about to be read: what changes after this call is a change. Failures (no memory)
 * only make the next look find one.
 */
void file_watch_note(struct file_watch *watch);

/* From now on, or no more. The calling thread has SIGIO blocked and waits for it. When the kernel
 * gives no watch for a folder, so that changes in it are found by looks now and then alone, that is
 * said. */
void file_watch_enable(struct file_watch *watch, bool is_wanted);

/* Takes what the kernel has told; after SIGIO, harmless at any time. */
void file_watch_take(struct file_watch *watch);

/* How long the control thread may sleep, in milliseconds; UINT32_MAX while nothing is watched. */
uint32_t file_watch_wait_ms(const struct file_watch *watch);

/*
 * The name of a file that is not what it was, once things have been quiet for a moment; NULL: there
 * is none, or it is too early. Valid until the next call. What is found is not told again.
 */
const char *file_watch_find_change(struct file_watch *watch);

#endif
