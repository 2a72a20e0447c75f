/* How much may wait for a client or a backend before the other side is held back. */
#ifndef PROXY_QUEUE_MARKS_H
#define PROXY_QUEUE_MARKS_H

/*
 * Bytes waiting for one side above which the other is not read, and below which it is again. What
 * waits is read once more by the kernel: with more of it, a few bulk connections are enough to push
 * it out of the processor's cache before that.
 */
#define QUEUE_HIGH_BYTES 65536
#define QUEUE_LOW_BYTES  32768
/* More than what we put there with all it takes in TLS: what a client makes TLS answer is not
 * held back by the marks above. */
#define QUEUE_TOO_HIGH_BYTES (16 * QUEUE_HIGH_BYTES)

#endif
