/* Finding fields in a head. */
#include "http/http1_head.h"

const struct http1_field *http1_head_find(const struct http1_head *head, enum field_name name)
{
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (head->fields[i].known == name) {
            return &head->fields[i];
        }
    }
    return NULL;
}

const struct http1_field *http1_head_find_text(const struct http1_head *head, struct bytes name)
{
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (bytes_equal_ignoring_case(http1_head_name(head, &head->fields[i]), name)) {
            return &head->fields[i];
        }
    }
    return NULL;
}

void http1_head_append_all(const struct http1_head *head, struct bytes name, struct text *text)
{
    bool is_first = true;
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (!bytes_equal_ignoring_case(http1_head_name(head, &head->fields[i]), name)) {
            continue;
        }
        text_append(text, is_first ? (struct bytes){0} : BYTES_OF(", "));
        text_append(text, http1_head_value(head, &head->fields[i]));
        is_first = false;
    }
}
