/* What a gateway says of itself: any bytes; strings end where they must, counts are within bounds.
 */
#include <stdlib.h>

#include "../../src/cli/gateway_figures.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gateway_figures figures;
    uint8_t *copy = malloc(size + 1);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    if (gateway_figures_read(bytes_from(copy, size), &figures)) {
        CHECK(figures.verdicts.count <= GATEWAY_FIGURES_WORDS_MAX);
        CHECK(figures.bound_count < GATEWAY_FIGURES_BUCKETS_MAX);
        for (size_t i = 0; i < gateway_figures_certificate_count(&figures); i++) {
            CHECK(strlen(figures.certificates[i].path) < GATEWAY_FIGURES_PATH_SIZE);
            CHECK(i == 0 || figures.certificates[i - 1].not_after_seconds <=
                                figures.certificates[i].not_after_seconds);
        }
        for (size_t i = 0; i < gateway_figures_server_count(&figures); i++) {
            CHECK(strlen(figures.servers[i].address) < sizeof(figures.servers[i].address));
        }
    }
    free(copy);
    return 0;
}
