/*
 * The reader of JSON: any bytes, any path; what is found lies within the text.
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/json_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"tool", "measures.rate", "a", "a.b", ""};
    uint8_t *copy = malloc(size + 1);
    struct bytes text = bytes_from(copy, size);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct bytes string;
        double number = 0;
        if (json_reader_find_string(text, paths[i], &string)) {
            CHECK(string.at >= text.at && string.at + string.length <= text.at + text.length);
            CHECK(!json_reader_find_number(text, paths[i], &number));
        }
        if (json_reader_find_number(text, paths[i], &number)) {
            CHECK(number - number == 0); /* neither infinite nor none */
        }
    }
    (void)json_reader_is_object(text);
    free(copy);
    return 0;
}
