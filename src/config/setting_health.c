/* What goes into the request of a health check is refused here, so that it needs no escaping there.
 */
#include "setting_health.h"

#include "value.h"

#define STATUS_MIN 100
#define STATUS_MAX 599

static struct bytes value_of(const struct setting_site *site)
{
    return bytes_from_string(site->given->value);
}

static struct config_text text_of(const struct setting_site *site)
{
    return (struct config_text){.text = site->given->value, .place = site->given->place};
}

static struct result store_text(const struct setting_site *site, void *field)
{
    if (value_of(site).length > site->row->maximum) {
        return SETTING_SITE_REFUSE(site, "it has %zu bytes: expected %llu at most",
                                   value_of(site).length, (unsigned long long)site->row->maximum);
    }
    *(struct config_text *)field = text_of(site);
    return RESULT_OK;
}

struct result setting_health_parse_target(const struct setting_site *site, void *field)
{
    if (!value_is_request_target(value_of(site))) {
        return SETTING_SITE_REFUSE(site, "expected a path, such as /health or /health?deep=1");
    }
    return store_text(site, field);
}

struct result setting_health_parse_host(const struct setting_site *site, void *field)
{
    if (!value_is_authority(value_of(site))) {
        return SETTING_SITE_REFUSE(site, "expected HOST or HOST:PORT, such as app.example.com");
    }
    return store_text(site, field);
}

struct result setting_health_parse_statuses(const struct setting_site *site, void *field)
{
    struct bytes list = value_of(site);
    uint32_t first = 0;
    uint32_t last = 0;
    if (!value_take_range(&list, STATUS_MAX, &first, &last) || list.length > 0 ||
        first < STATUS_MIN) {
        return SETTING_SITE_REFUSE(site, "expected a status or a range of them, such as 200-399");
    }
    *(struct config_status_range *)field =
        (struct config_status_range){(uint16_t)first, (uint16_t)last, text_of(site)};
    return RESULT_OK;
}
