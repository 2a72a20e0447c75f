/*
 * Prints subject alternative names. Called when an identity is made. One value must never look like
 * two: a client whose CA lets it choose a URI could else claim the DNS name of another.
 */
#include "general_name_text.h"

#include <arpa/inet.h>

#include "der.h"
#include "general_name.h"
#include "name_text.h"

#define DIRECTORY_TEXT_SIZE 8192

static void append_text(struct bytes value, struct text *text)
{
    name_text_append_escaped(value, ',', text);
}

static void append_address(struct bytes value, struct text *text)
{
    char address[INET6_ADDRSTRLEN];
    int family = value.length == 16 ? AF_INET6 : AF_INET;
    if (inet_ntop(family, value.at, address, sizeof(address)) != NULL) {
        text_append_string(text, address);
    }
}

static void append_directory(struct bytes value, struct text *text)
{
    char memory[DIRECTORY_TEXT_SIZE];
    struct text name = text_over(memory, sizeof(memory));
    name_text_append_rfc2253(value, &name);
    text->overflowed |= name.overflowed;
    append_text(text_bytes(&name), text);
}

/* Its type only: the values are of as many forms as there are types. */
static void append_other(struct bytes value, struct text *text)
{
    struct bytes_reader reader = der_over(value);
    name_text_append_oid(der_take_oid(&reader), text);
}

static void append_unsupported(struct bytes value, struct text *text)
{
    (void)value;
    text_append_string(text, "<unsupported>");
}

/* clang-format off */
static const struct {
    const char *prefix;
    void (*append)(struct bytes value, struct text *text);
} kinds[GENERAL_NAME_KIND_COUNT] = {
    [GENERAL_NAME_OTHER]         = {"othername:",    append_other},
    [GENERAL_NAME_EMAIL]         = {"email:",        append_text},
    [GENERAL_NAME_DNS]           = {"DNS:",          append_text},
    [GENERAL_NAME_X400]          = {"X400Name:",     append_unsupported},
    [GENERAL_NAME_DIRECTORY]     = {"DirName:",      append_directory},
    [GENERAL_NAME_EDI]           = {"EdiPartyName:", append_unsupported},
    [GENERAL_NAME_URI]           = {"URI:",          append_text},
    [GENERAL_NAME_IP]            = {"IP:",           append_address},
    [GENERAL_NAME_REGISTERED_ID] = {"RID:",          name_text_append_oid},
};
/* clang-format on */

void general_name_text_append_all(struct bytes names, struct text *text)
{
    struct bytes_reader reader = der_over(names);
    struct general_name name;
    bool is_first = true;
    while (bytes_reader_left(&reader) > 0 && general_name_take(&reader, false, &name)) {
        text_append_string(text, is_first ? "" : ",");
        text_append_string(text, kinds[name.kind].prefix);
        kinds[name.kind].append(name.value, text);
        is_first = false;
    }
}
