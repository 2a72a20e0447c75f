/*
 * The elements of a comma-separated field value (RFC 9110 5.6.1), for the fields whose elements are
 * tokens. Any thread; views into the value.
 */
#ifndef HTTP_FIELD_LIST_H
#define HTTP_FIELD_LIST_H

#include <stdbool.h>

#include "base/bytes.h"

/* Takes the next element that is not empty from rest; false when there is none left. */
bool field_list_next(struct bytes *rest, struct bytes *ret_element);

#endif
