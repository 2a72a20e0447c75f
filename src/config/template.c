/* Life of a template, and what it tells. The parsing is template_parse.c's. */
#include <stdlib.h>
#include <string.h>

#include "template_parse.h"

#define PROBLEM_BYTES_MAX 512

/* All variables that carry the client's identity, and no others, are named so. */
#define IDENTITY_PREFIX "client_certificate"

struct result template_create(const char *source, struct config_place place,
                              struct diagnostics *diagnostics, struct template **ret_template)
{
    char memory[PROBLEM_BYTES_MAX];
    struct text problem = text_over(memory, sizeof(memory));
    struct result result = template_parse(source, &problem, ret_template);
    if (result.code == ERROR_BAD_CONFIG) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, place, "%.80s: %s", source,
                        text_terminate(&problem));
    }
    return result;
}

void template_destroy(struct template *template)
{
    if (template == NULL) {
        return;
    }
    free(template->segments);
    free(template->text);
    free(template);
}

bool template_tells_identity(const struct template *template)
{
    for (size_t i = 0; i < template->segment_count; i++) {
        const struct template_segment *segment = &template->segments[i];
        if (segment->kind == TEMPLATE_VARIABLE &&
            strncmp(template_parse_variable_name(segment->variable), IDENTITY_PREFIX,
                    strlen(IDENTITY_PREFIX)) == 0) {
            return true;
        }
    }
    return false;
}
