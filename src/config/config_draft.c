/*
 * A draft is read for the mistakes of its files only, so that one run tells them beside those of
 * the text. Control thread or sub-command. Whatever is doubtful goes: a mistake that shows in the
 * next run is better than a complaint that nobody can make sense of.
 */
#include "config_draft.h"

#include "schema.h"

static void prune_files(struct config_text_list *files, const struct diagnostics *diagnostics)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (!diagnostics_has_error_at(diagnostics, files->items[i].place)) {
            files->items[kept++] = files->items[i];
        }
    }
    files->count = kept;
}

static void prune_profile(struct config_ssl_profile *profile, const struct diagnostics *diagnostics)
{
    prune_files(&profile->trusted_client_ca, diagnostics);
    if (profile->trusted_client_ca.count == 0) {
        profile->waives_trust = true; /* that nobody is trusted has been said, or its cause */
    }
}

static bool is_refused(const struct config_text *path)
{
    return path->text != NULL && path->text[0] == '\0';
}

/* A key is nothing without its certificate, nor an encrypted one without its passphrase. */
static void prune_certificates(struct config_listener *listener)
{
    size_t kept = 0;
    for (size_t i = 0; i < listener->certificate_count; i++) {
        struct config_certificate certificate = listener->certificates[i];
        if (is_refused(&certificate.key_path) || is_refused(&certificate.passphrase_path)) {
            certificate.key_path = (struct config_text){0};
        }
        if (!is_refused(&certificate.chain_path)) {
            listener->certificates[kept++] = certificate;
        }
    }
    listener->certificate_count = kept;
}

static void prune_gateway(struct config_gateway *gateway)
{
    const struct setting *user = schema_find(SECTION_GATEWAY, "user");
    if (gateway->user.text == NULL && schema_is_in(&gateway->settings_given, user)) {
        gateway->group = (struct config_text){0}; /* its user was refused, not forgotten */
    }
}

void config_draft_prune(struct config *draft, const struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < draft->ssl_profile_count; i++) {
        prune_profile(&draft->ssl_profiles[i], diagnostics);
    }
    for (size_t i = 0; i < draft->listener_count; i++) {
        prune_certificates(&draft->listeners[i]);
    }
    prune_gateway(&draft->gateway);
}
