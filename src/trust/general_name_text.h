/* A list of GeneralNames as one line of text for headers and logs. Any thread. Printable ASCII
 * only. */
#ifndef TRUST_GENERAL_NAME_TEXT_H
#define TRUST_GENERAL_NAME_TEXT_H

#include "base/text.h"

/*
 * names is GeneralName after GeneralName, checked. Writes DNS:a,URI:b,IP:c,email:d in the
 * certificate's order. A comma or a backslash within a value, and all that is not printable ASCII,
 * is \XX: the commas left separate.
 */
void general_name_text_append_all(struct bytes names, struct text *text);

#endif
