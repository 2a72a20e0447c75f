/*
 * What a configuration may not exceed. Constants; every loop and allocation of the loader is
 * bounded by one of them or by a row of the schema.
 */
#ifndef CONFIG_CONFIG_LIMITS_H
#define CONFIG_CONFIG_LIMITS_H

#define CONFIG_LINE_BYTES_MAX 8192 /* without the line end */
#define CONFIG_FILE_BYTES_MAX 1048576
#define CONFIG_FILES_MAX      100 /* the file itself and what it includes */
#define CONFIG_SECTIONS_MAX   1000
#define CONFIG_SETTINGS_MAX   20000
#define CONFIG_MESSAGES_MAX   1000 /* kept; the others are counted */

/* Names of sections go into log lines and metric labels. */
#define CONFIG_NAME_BYTES_MAX 32

#define CONFIG_WORKERS_MAX           256
#define CONFIG_CPU_NUMBER_MAX        8191
#define CONFIG_SOCKET_PATH_BYTES_MAX 107 /* sockaddr_un */
#define CONFIG_PATH_BYTES_MAX        4095
#define CONFIG_URL_BYTES_MAX         511

/* Trusted client CA chains, as the original has them. */
#define CONFIG_CHAINS_OF_PROFILE_MAX 100
#define CONFIG_CHAINS_OF_GATEWAY_MAX 200

/* allow_identity lines: a worker looks through them for each client that it has not met. */
#define CONFIG_IDENTITIES_OF_PROFILE_MAX 1000

#endif
