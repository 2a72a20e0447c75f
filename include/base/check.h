/*
 * CHECK(condition): a bug of ours ends the program, in release builds too, before it can do harm.
 * Never on anything that a peer, a file or the operating system decides.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

/* Prints the place to standard error and aborts. */
_Noreturn void check_failed(const char *condition, const char *file, int line);

#define CHECK(condition)                                  \
    do {                                                  \
        if (__builtin_expect(!(condition), 0)) {          \
            check_failed(#condition, __FILE__, __LINE__); \
        }                                                 \
    } while (0)

#endif
