/* Reads one GeneralName by a table of its nine forms; certificates are checked and printed through
 * it. */
#include "general_name.h"

#include "der.h"
#include "name.h"

static bool is_seven_bit(struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) {
        if (value.at[i] > 0x7F) {
            return false;
        }
    }
    return true;
}

static bool is_text(struct bytes value, bool is_constraint)
{
    (void)
        is_constraint; /* An empty constraint means every name, an empty name is merely useless. */
    return is_seven_bit(value);
}

static bool is_other_name(struct bytes value, bool is_constraint)
{
    (void)is_constraint;
    struct bytes_reader reader = der_over(value);
    (void)der_take_oid(&reader);
    struct bytes_reader inner = der_enter(&reader, DER_CONTEXT_CONSTRUCTED(0));
    struct der_element element;
    (void)der_next(&inner, &element);
    der_leave(&reader, &inner);
    return der_is_finished(&reader);
}

static bool is_directory_name(struct bytes value, bool is_constraint)
{
    (void)is_constraint;
    return name_is_valid(value);
}

/* A mask is ones, then zeros (RFC 4632 3.1); any other would mean different things to different
 * readers. */
static bool is_mask(struct bytes mask)
{
    bool ended = false;
    for (size_t bit = 0; bit < mask.length * 8; bit++) {
        bool is_set = (mask.at[bit / 8] >> (7 - bit % 8) & 1) != 0;
        if (is_set && ended) {
            return false;
        }
        ended |= !is_set;
    }
    return true;
}

static bool is_address(struct bytes value, bool is_constraint)
{
    if (!is_constraint) {
        return value.length == 4 || value.length == 16;
    }
    return (value.length == 8 || value.length == 32) &&
           is_mask(bytes_slice(value, value.length / 2, value.length / 2));
}

static bool is_registered_id(struct bytes value, bool is_constraint)
{
    (void)is_constraint;
    return der_is_oid(value);
}

/* X.400 addresses and EDI names are read by nobody; that they are bytes is enough. */
static bool is_anything(struct bytes value, bool is_constraint)
{
    (void)value;
    (void)is_constraint;
    return true;
}

/* clang-format off */
static const struct {
    bool is_constructed;
    bool (*is_valid)(struct bytes value, bool is_constraint);
} kinds[GENERAL_NAME_KIND_COUNT] = {
    [GENERAL_NAME_OTHER]         = {true,  is_other_name},
    [GENERAL_NAME_EMAIL]         = {false, is_text},
    [GENERAL_NAME_DNS]           = {false, is_text},
    [GENERAL_NAME_X400]          = {true,  is_anything},
    [GENERAL_NAME_DIRECTORY]     = {true,  is_directory_name},
    [GENERAL_NAME_EDI]           = {true,  is_anything},
    [GENERAL_NAME_URI]           = {false, is_text},
    [GENERAL_NAME_IP]            = {false, is_address},
    [GENERAL_NAME_REGISTERED_ID] = {false, is_registered_id},
};
/* clang-format on */

bool general_name_take(struct bytes_reader *reader, bool is_constraint,
                       struct general_name *ret_name)
{
    struct der_element element;
    *ret_name = (struct general_name){0};
    if (!der_next(reader, &element)) {
        return false;
    }
    unsigned number = element.tag & 0x1F;
    bool is_known = number < GENERAL_NAME_KIND_COUNT &&
                    element.tag == (kinds[number].is_constructed ? DER_CONTEXT_CONSTRUCTED(number)
                                                                 : DER_CONTEXT(number));
    if (!is_known || !kinds[number].is_valid(element.content, is_constraint)) {
        reader->failed = true;
        return false;
    }
    *ret_name = (struct general_name){(enum general_name_kind)number, element.content};
    return true;
}
