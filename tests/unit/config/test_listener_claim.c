/* Listeners that share an address are told apart by their names. */
#include "loaded_config.h"

#define REST "certificate = s.pem\ncertificate_key = s.key\nssl_profile = devices\nbackend = app\n"

static void different_names_share_an_address(void **state)
{
    (void)state;
    assert_says(
        "[listener a]\naddress = 0.0.0.0:8443\nserver_name = a.example.com\n" REST
        "[listener b]\naddress = 0.0.0.0:8443\nserver_name = b.example.com\n" REST
        "[listener c]\naddress = 0.0.0.0:8443\n" REST
        "[listener d]\naddress = 0.0.0.0:8443\nserver_name = *.example.com\n" REST PROFILE BACKEND,
        "");
}

static void same_name_on_other_addresses_is_fine(void **state)
{
    (void)state;
    assert_says("[listener a]\naddress = 0.0.0.0:8443\nserver_name = a.example.com\n" REST
                "[listener b]\naddress = 0.0.0.0:8444\nserver_name = a.example.com\n" REST
                "[listener c]\naddress = [::]:8443\nserver_name = a.example.com\n" REST
                "[listener d]\naddress = 127.0.0.1:8443\nserver_name = a.example.com\n" REST PROFILE
                    BACKEND,
                "");
}

static void same_name_on_one_address_is_refused(void **state)
{
    (void)state;
    assert_says("[listener a]\naddress = 0.0.0.0:8443\nserver_name = a.example.com\n" REST
                "[listener b]\naddress = 0.0.0.0:8443\nserver_name = b.example.com\n"
                "server_name = A.example.com\n" REST PROFILE BACKEND,
                "edge.ini:11: error: [listener b] server_name = a.example.com: [listener a] "
                "(edge.ini:3) has that name on 0.0.0.0:8443: expected different names on one "
                "address\n");
}

static void two_defaults_on_one_address_are_refused(void **state)
{
    (void)state;
    assert_says(
        "[listener a]\naddress = 0.0.0.0:8443\n" REST
        "[listener b]\naddress = 127.0.0.1:1\naddress = 0.0.0.0:8443\n" REST PROFILE BACKEND,
        "edge.ini:7: error: [listener b]: it has no server_name, nor has [listener a] "
        "(edge.ini:1) on 0.0.0.0:8443: expected one default for an address\n");
}

static void one_address_in_two_spellings_is_refused(void **state)
{
    (void)state;
    assert_says(
        "[listener a]\naddress = [::1]:8443\naddress = [0:0::1]:8443\n" REST PROFILE BACKEND,
        "edge.ini:3: error: [listener a] address = [0:0::1]:8443: the same stands in line "
        "2 already: expected it once\n");
}

static void every_conflict_is_named(void **state)
{
    (void)state;
    assert_says("[listener a]\naddress = 0.0.0.0:1\nserver_name = x\nserver_name = y\n" REST
                "[listener b]\naddress = 0.0.0.0:1\nserver_name = y\nserver_name = x\n" REST
                "[listener c]\naddress = 0.0.0.0:1\nserver_name = x\n" REST PROFILE BACKEND,
                "edge.ini:11: error: [listener b] server_name = y: [listener a] (edge.ini:4) has "
                "that name on 0.0.0.0:1: expected different names on one address\n"
                "edge.ini:12: error: [listener b] server_name = x: [listener a] (edge.ini:3) has "
                "that name on 0.0.0.0:1: expected different names on one address\n"
                "edge.ini:19: error: [listener c] server_name = x: [listener b] (edge.ini:12) has "
                "that name on 0.0.0.0:1: expected different names on one address\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(different_names_share_an_address),
        cmocka_unit_test(same_name_on_other_addresses_is_fine),
        cmocka_unit_test(same_name_on_one_address_is_refused),
        cmocka_unit_test(two_defaults_on_one_address_are_refused),
        cmocka_unit_test(one_address_in_two_spellings_is_refused),
        cmocka_unit_test(every_conflict_is_named),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
