/* A short list that only grows: what was added before its count was raised never changes. */
#include "base/label_table.h"

#include <string.h>

#include "base/check.h"

size_t label_table_count(const struct label_table *table)
{
    /* Pairs with the release in label_table_add: the names below the count are written. */
    return atomic_load_explicit(&table->count, memory_order_acquire);
}

size_t label_table_find(const struct label_table *table, const char *name)
{
    size_t count = label_table_count(table);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table->names[i], name) == 0) {
            return i;
        }
    }
    return LABEL_OTHER;
}

size_t label_table_add(struct label_table *table, const char *name)
{
    size_t length = strlen(name);
    size_t number = label_table_find(table, name);
    size_t count = label_table_count(table);
    if (number != LABEL_OTHER || count == LABEL_OTHER || length > LABEL_NAME_BYTES_MAX) {
        return number;
    }
    memcpy(table->names[count], name, length + 1);
    /* Pairs with the acquire in label_table_count. */
    atomic_store_explicit(&table->count, count + 1, memory_order_release);
    return count;
}

const char *label_table_name(const struct label_table *table, size_t number)
{
    CHECK(number == LABEL_OTHER || number < label_table_count(table));
    return number == LABEL_OTHER ? "other" : table->names[number];
}
