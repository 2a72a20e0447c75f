/* The classes of bytes in HTTP, as one table, and the one loop over it. */
#include "byte_class.h"

#define TOKEN   BYTE_OF_TOKEN
#define PLAIN   BYTE_OF_PLAIN_NAME
#define HOST    BYTE_OF_HOST
#define TARGET  BYTE_OF_TARGET
#define VALUE   (BYTE_OF_VALUE | BYTE_OF_STATUS_LINE)
#define ENDS    (BYTE_OF_REQUEST_LINE | BYTE_OF_STATUS_LINE)
#define VISIBLE (VALUE | BYTE_OF_REQUEST_LINE)

/* clang-format off */
const uint8_t byte_class_table[256] = {
    ['\t']         = VALUE,
    ['\n']         = ENDS,
    ['\r']         = ENDS,
    [' ']          = VISIBLE,
    ['!']          = VISIBLE | TARGET | TOKEN,
    ['"']          = VISIBLE | TARGET,
    ['#']          = VISIBLE | TOKEN,
    ['$' ... '\''] = VISIBLE | TARGET | TOKEN,
    ['(' ... ')']  = VISIBLE | TARGET,
    ['*' ... '+']  = VISIBLE | TARGET | TOKEN,
    [',']          = VISIBLE | TARGET,
    ['-']          = VISIBLE | TARGET | TOKEN | HOST | PLAIN,
    ['.']          = VISIBLE | TARGET | TOKEN | HOST,
    ['/']          = VISIBLE | TARGET,
    ['0' ... '9']  = VISIBLE | TARGET | TOKEN | HOST | PLAIN,
    [':' ... '@']  = VISIBLE | TARGET,
    ['A' ... 'Z']  = VISIBLE | TARGET | TOKEN | HOST | PLAIN,
    ['[' ... ']']  = VISIBLE | TARGET,
    ['^']          = VISIBLE | TARGET | TOKEN,
    ['_']          = VISIBLE | TARGET | TOKEN | HOST,
    ['`']          = VISIBLE | TARGET | TOKEN,
    ['a' ... 'z']  = VISIBLE | TARGET | TOKEN | HOST | PLAIN,
    ['{']          = VISIBLE | TARGET,
    ['|']          = VISIBLE | TARGET | TOKEN,
    ['}']          = VISIBLE | TARGET,
    ['~']          = VISIBLE | TARGET | TOKEN,
    [0x80 ... 0xFF] = VALUE,
};
/* clang-format on */

size_t byte_class_span(struct bytes bytes, uint8_t class)
{
    size_t length = 0;
    while (length < bytes.length && byte_class_has(bytes.at[length], class)) {
        length++;
    }
    return length;
}
