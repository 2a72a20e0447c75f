"""A line of the access log is never lost because of what a client says: long values are cut, and that is counted."""

OFF = {"verify_client_auth_mode": "off"}


def test_a_long_value_is_cut_and_counted(start, backends, connect):
    gateway = start(backends(), profile=OFF, gateway={"workers": 1})
    with connect(gateway) as client:
        assert client.request(target="/short").status == 200
        assert client.request(target="/" + "l" * 31000).status == 200
        assert client.request(target="/" + "q" * 7000).status == 200
        gateway.record(requestUri="/short")
        uris = [gateway.record(requestUri="/" + "q" * 7000)["requestUri"]]
        uris += [record["requestUri"] for record in gateway.records() if record["requestUri"].startswith("/l")]
    assert len(uris) == 2 and 7000 < len(uris[1]) <= 8192
    counters = gateway.counters()
    assert counters["access_lines_cut"] == 1 and counters["access_lines_lost"] == 0
