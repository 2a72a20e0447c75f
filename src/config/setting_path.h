/* Parsers of paths, and of the places where a log may go, as setting_store.c calls them. They touch
 * no file. */
#ifndef CONFIG_SETTING_PATH_H
#define CONFIG_SETTING_PATH_H

#include "setting_site.h"

/* Into a struct config_text: the absolute path, of the row's maximum of bytes at most. */
struct result setting_path_parse(const struct setting_site *site, struct config_text *ret_path);

/* own: the standard stream that "-" means. Whether the log may be off the row's kind says. */
struct result setting_path_parse_log(const struct setting_site *site, enum config_log_kind own,
                                     struct config_log *ret_log);

#endif
