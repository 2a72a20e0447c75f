/* Members of JSON objects as the commands print them, in ASCII alone. The main thread's; no state.
 */
#ifndef CLI_JSON_MEMBER_H
#define CLI_JSON_MEMBER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

/* A string, which is no member yet: what cannot be shown is escaped, what is too long is cut. */
void json_member_print_string(FILE *output, struct bytes bytes);

/* Each of these begins with a comma: , "name": value. A value of NULL is null. */
void json_member_print(FILE *output, const char *name, struct bytes bytes);
void json_member_print_text(FILE *output, const char *name, const char *value);
void json_member_print_flag(FILE *output, const char *name, bool value);

/* Two members, name as people write it and name_seconds since 1970; both null when not known. */
void json_member_print_moment(FILE *output, const char *name, bool is_known, int64_t seconds);

#endif
