/* Walking over comma-separated field values. */
#include "field_list.h"

bool field_list_next(struct bytes *rest, struct bytes *ret_element)
{
    while (rest->length > 0) {
        size_t comma = bytes_find(*rest, ',');
        struct bytes element = bytes_trim(bytes_slice(*rest, 0, comma));
        *rest = bytes_slice(*rest, comma + 1, rest->length);
        if (element.length > 0) {
            *ret_element = element;
            return true;
        }
    }
    return false;
}
