/* Who answers for which host name on which address. */
#ifndef CONFIG_LISTENER_CLAIM_H
#define CONFIG_LISTENER_CLAIM_H

#include "setting_site.h"

/* Reports every two listeners that claim the same. Fails only with ERROR_OUT_OF_MEMORY. */
struct result listener_claim_check(const struct loading *loading);

#endif
