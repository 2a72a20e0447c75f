/* Trusted CA files: what loads has one root and a name for the issuer of clients; what does not has
 * said why. */
#include "../../src/trust/trusted_chain.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trusted_chain_options options = {.now_seconds = 1800000000};
    struct diagnostics diagnostics;
    struct signature_register signatures;
    struct trusted_chain chain;
    struct ca_file file;
    if (!result_is_ok(signature_register_init(&signatures, 1))) {
        return 0;
    }
    diagnostics_init(&diagnostics);
    struct result result = ca_file_parse("ca.pem", bytes_from(data, size), &diagnostics, &file);
    if (result_is_ok(result)) {
        result = trusted_chain_make(&file, &options, &signatures, &diagnostics, &chain);
    }
    if (signature_register_has_failed(&signatures)) {
        CHECK(!result_is_ok(result)); /* More pairs of one name than are told apart. */
    } else {
        CHECK(result_is_ok(result) == (diagnostics.error_count == 0));
    }
    CHECK(signatures.check_count <= signatures.check_count_max);
    if (result_is_ok(result)) {
        CHECK(chain.root_index < chain.file.count);
        CHECK(chain.issuer_name.length > 0);
        trusted_chain_deinit(&chain);
    }
    for (size_t i = 0; i < diagnostics.count; i++) {
        for (const char *at = diagnostics.items[i].message; *at != '\0'; at++) {
            CHECK(*at >= 0x20 && *at <= 0x7E);
        }
    }
    diagnostics_deinit(&diagnostics);
    signature_register_deinit(&signatures);
    return 0;
}
