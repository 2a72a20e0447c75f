/* The modes as rows; see the header. Help, parser and connections read them. */
#include "mode.h"

#include <string.h>

#include "base/check.h"

/* clang-format off */
static const struct mode modes[MODE_COUNT] = {
    [MODE_HANDSHAKE] = {"handshake", "handshakes", "connect, full TLS handshake, one request, close; again and again", .keeps = false},
    [MODE_RESUME]    = {"resume",    "handshakes", "the same with the session of the connection before",              .resumes = true},
    [MODE_REQUEST]   = {"request",   "requests",   "one request after another on connections that are kept",          .keeps = true},
    [MODE_BULK]      = {"bulk",      "transfers",  "large answers, or with --body large requests, in bytes a second", .keeps = true},
    [MODE_IDLE]      = {"idle",      "connections", "open -c connections, one request each, and hold them for -d",    .keeps = true, .holds = true},
    [MODE_MIX]       = {"mix",       "requests",   "kept connections are measured while --storm others do handshakes", .keeps = true, .storms = true},
};
/* clang-format on */

const struct mode *mode_of(enum load_mode mode)
{
    CHECK(mode < MODE_COUNT);
    return &modes[mode];
}

bool mode_find(const char *name, enum load_mode *ret_mode)
{
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        if (strcmp(modes[mode].name, name) == 0) {
            *ret_mode = (enum load_mode)mode;
            return true;
        }
    }
    return false;
}
