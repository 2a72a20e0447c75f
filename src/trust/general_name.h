/*
 * One GeneralName (RFC 5280 4.2.1.6) at a time, from a subjectAltName or a name constraint. Any
 * thread.
 *
 * Text forms are 7-bit but otherwise unchecked here: whoever prints escapes, whoever compares is
 * careful.
 */
#ifndef TRUST_GENERAL_NAME_H
#define TRUST_GENERAL_NAME_H

#include "base/bytes.h"

/* The numbers are the context tags. */
enum general_name_kind {
    GENERAL_NAME_OTHER = 0,
    GENERAL_NAME_EMAIL = 1,
    GENERAL_NAME_DNS = 2,
    GENERAL_NAME_X400 = 3,
    GENERAL_NAME_DIRECTORY = 4,
    GENERAL_NAME_EDI = 5,
    GENERAL_NAME_URI = 6,
    GENERAL_NAME_IP = 7,
    GENERAL_NAME_REGISTERED_ID = 8,
    GENERAL_NAME_KIND_COUNT,
};

struct general_name {
    enum general_name_kind kind;
    struct bytes value; /* the content; of a directory name the whole Name with its header */
};

/*
 * The next name, or false when it is none: then reader has failed. An address in a constraint
 * carries its mask (RFC 5280 4.2.1.10) and is thus twice as long.
 */
bool general_name_take(struct bytes_reader *reader, bool is_constraint,
                       struct general_name *ret_name);

#endif
