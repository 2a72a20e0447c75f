/*
 * A distinguished name that a person has written, as the DER of a Name, to compare certificates
 * with. Control thread, when a policy is built.
 */
#ifndef TRUST_NAME_FROM_TEXT_H
#define TRUST_NAME_FROM_TEXT_H

#include "base/text.h"
#include "name.h"

/*
 * text is RFC 4514, the most specific RDN first: CN=pump-7,OU=Pumps,O=Contoso. Blanks around the
 * separators are let through, and so are values in double quotes, types written OID.1.2.3, and the
 * type names of Windows. What name_text_append_rfc2253() prints reads back as an equal name, but
 * for text of other types than name.h compares as text.
 *
 * Writes the whole Name into out and returns its length; 0 on a mistake: then ret_problem has had
 * appended what is wrong and what was expected.
 */
size_t name_from_text(struct bytes text, uint8_t out[NAME_SIZE_MAX], struct text *ret_problem);

#endif
