/* The texts of the errors, from the one list in result.h. */
#include "base/result.h"

#define ERROR_TEXT_ROW(name, text) [name] = text,
static const char *const texts[ERROR_COUNT] = {[ERROR_NONE] = "no error",
                                               ERROR_LIST(ERROR_TEXT_ROW)};

const char *result_text(struct result result)
{
    return texts[result.code];
}
