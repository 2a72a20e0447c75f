/* The short names of the attribute types that Names are made of: CN, O, emailAddress. Any thread;
 * constants. */
#ifndef TRUST_ATTRIBUTE_TYPE_H
#define TRUST_ATTRIBUTE_TYPE_H

#include "base/bytes.h"

/* type is the content of an OID. NULL when it has no name here: print its numbers then. */
const char *attribute_type_short_name(struct bytes type);

#endif
