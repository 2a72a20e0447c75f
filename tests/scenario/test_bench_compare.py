"""bench/compare: medians, ratios and what is worse, of made-up figures; and once the whole of it against nginx."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

from support.authority import ROOT
from support.gateway import MEMORY_SCALE

sys.path.insert(0, os.path.join(ROOT, "bench"))

from compared import check, measurements, tables  # noqa: E402 # the line above finds it

COMPARE = os.path.join(ROOT, "bench", "compare")
HANDSHAKE = next(row for row in measurements.ROWS if row.key == "handshake")
STORM = next(row for row in measurements.ROWS if row.key == "storm")


class Server:
    def __init__(self, name):
        self.name, self.version, self.tls = name, "1.0", "TLS & <library>"


def comparison(**values):
    """values: of the row handshake, a list for each server; sallyport's first."""
    made = tables.Comparison([Server(name) for name in values], [HANDSHAKE], "about")
    for name, each in values.items():
        for value in each:
            made.add(HANDSHAKE, name, measurements.Measured(value, "why not" if value is None else ""))
    return made


def test_the_median_of_the_rounds_counts():
    made = comparison(sallyport=[100, 900, 110], nginx=[500, 440, 1])
    assert made.median(HANDSHAKE, "sallyport") == 110 and made.ratio(HANDSHAKE, "nginx") == 4
    assert "440.0 µs (4.0)" in tables.as_text(made)
    assert "| 110.0 µs | 440.0 µs (4.0) |" in tables.as_markdown(made)


def test_what_was_not_measured_is_said_and_has_no_ratio():
    made = comparison(sallyport=[100], nginx=[None])
    assert made.ratio(HANDSHAKE, "nginx") is None
    assert "note: handshake, nginx: why not" in tables.as_text(made)
    assert tables.as_object(made)["rows"]["handshake"]["ratios"] == {"nginx": None}
    assert made.ratio(HANDSHAKE, "nobody") is None


def judged(made, ratio=6):
    recorded = json.loads(json.dumps(tables.as_object(comparison(sallyport=[100], nginx=[100 * ratio]))))
    return check.judged(made, recorded, 0.33)


def test_only_a_ratio_that_fell_by_more_than_the_tolerance_is_worse():
    good, = judged(comparison(sallyport=[100], nginx=[402]))
    assert good.is_good and good.sentence() == "ok   bench handshake 4.0x of nginx (recorded 6.0)"
    worse, = judged(comparison(sallyport=[100], nginx=[398]))
    assert not worse.is_good and worse.sentence() == "FAIL bench handshake 4.0x of nginx (recorded 6.0)"


def test_what_is_recorded_and_cannot_be_measured_is_a_failure():
    missing, = judged(comparison(sallyport=[100], nginx=[None]))
    assert not missing.is_good and missing.sentence() == "FAIL bench handshake not measured (recorded 6.0)"
    nothing, = judged(comparison(sallyport=[None], nginx=[None]))
    assert not nothing.is_good


def test_a_peer_that_is_not_here_or_not_recorded_is_not_judged():
    assert judged(comparison(sallyport=[100])) == []
    assert judged(comparison(sallyport=[100], haproxy=[1])) == []


def test_a_ratio_is_bad_only_when_it_is_so_twice():
    first = judged(comparison(sallyport=[100], nginx=[100]))
    assert [each.is_good for each in check.better(first, judged(comparison(sallyport=[100], nginx=[700])))] == [True]
    assert [each.is_good for each in check.better(first, judged(comparison(sallyport=[100], nginx=[99])))] == [False]
    assert [each.is_good for each in check.better(first, [])] == [False]


def test_the_picture_is_xml_whatever_the_names_are():
    picture = xml.fromstring(tables.as_svg(comparison(sallyport=[100], nginx=[None], haproxy=[50])))
    bars = [element for element in picture.iter() if element.tag.endswith("rect") and element.get("height") == "13"]
    assert len(bars) == 2 and float(bars[0].get("width")) > float(bars[1].get("width"))


def test_the_storm_takes_its_share_of_a_core():
    assert "4000" in map(str, STORM.arguments({"cold": 200.0}))
    assert "100" in map(str, STORM.arguments({}))


class Done:
    """A run of the load tool; measures: those of its result."""

    def __init__(self, others, **measures):
        self.stdout, self.stderr = json.dumps({"operations": 100, "errors": {}, "client": {"was_the_limit": False},
                                               "measures": {"errors": 0, **measures}, **others}), ""


def measured_storm(monkeypatch, state, handshake_us, **others):
    """The row storm alone, with made-up runs; and the rows that were run."""
    runs = []

    def run_load(row, _server, _state, _seconds):
        runs.append(row.key)
        return Done(others, latency_p999_us=1500.0, server_cpu_us=handshake_us, storm_rate=2000.4)

    monkeypatch.setattr(measurements, "run_load", run_load)
    return measurements.measure(STORM, Server("sallyport"), state, 1), runs


def test_the_storm_of_a_server_needs_its_own_handshakes_with_new_clients(monkeypatch):
    state = {}
    measured, runs = measured_storm(monkeypatch, state, 200.0)
    assert runs == ["cold", "storm"] and state["cold"] == 200 and (measured.value, measured.note) == (1.5, "")
    measured, runs = measured_storm(monkeypatch, {"cold": 400.0}, 200.0)
    assert runs == ["storm"] and measured.note == ""
    measured, runs = measured_storm(monkeypatch, {}, None)
    assert runs == ["cold", "storm"] and measured.note == "cold was not measured"


def test_a_storm_that_fell_short_is_noted(monkeypatch):
    measured, _runs = measured_storm(monkeypatch, {}, 200.0, storm_fell_short=True, plan={"storm_rate": 4000})
    assert measured.value == 1.5 and measured.note == "the storm fell short: 2000 handshakes a second, not 4000"
    measured, _runs = measured_storm(monkeypatch, {}, 200.0, storm_fell_short=True, plan={"storm_rate": 4000},
                                     client={"was_the_limit": True})
    assert measured.note.startswith("the client was the limit; the storm fell short: ")


@pytest.mark.parametrize("arguments, part", [(["--peers", "apache"], "there is no peer 'apache'"),
                                             (["--only", "speed"], "there is no row 'speed'")])
def test_wrong_names_are_told(arguments, part):
    done = subprocess.run([COMPARE, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and part in done.stderr and "Traceback" not in done.stderr


@pytest.mark.alone
@pytest.mark.measuring
def test_peers_are_measured_beside_the_gateway(tmp_path):
    rows = {"handshake", "cold", "resume", "resume12", "request", "down", "up"}
    done = subprocess.run([COMPARE, "--rounds", "1", "--seconds", "0.3", "--peers", "nginx", "--only", ",".join(rows),
                           "--json", tmp_path / "out.json"], capture_output=True, text=True, check=False, timeout=55)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out.json").read_text())
    assert set(found["rows"]) == rows, done.stdout
    assert all(len(values) == 2 and min(values.values()) > 0
               for values in (row["medians"] for row in found["rows"].values())), found
    assert MEMORY_SCALE > 1 or found["rows"]["handshake"]["ratios"]["nginx"] > 1
    assert found["notes"] == {}


def test_haproxy_is_reloaded_as_the_others_are(tmp_path):
    done = subprocess.run([COMPARE, "--rounds", "1", "--seconds", "1", "--peers", "haproxy", "--only", "reload",
                           "--json", tmp_path / "out.json"], capture_output=True, text=True, check=False, timeout=55)
    assert done.returncode == 0, done.stderr
    medians = json.loads((tmp_path / "out.json").read_text())["rows"]["reload"]["medians"]
    assert medians["sallyport"] == 0 and medians["haproxy"] is not None


def test_a_ratio_that_is_recorded_higher_than_it_is_fails_the_check(tmp_path):
    # Higher than any: a peer that had a processor for one request of many may look a thousand times slower.
    recorded = {"rows": {"request": {"ratios": {"nginx": 1e9}}}}
    (tmp_path / "recorded.json").write_text(json.dumps(recorded))
    done = subprocess.run([COMPARE, "--rounds", "1", "--seconds", "0.3", "--peers", "nginx", "--only", "request", "--check",
                           tmp_path / "recorded.json"], capture_output=True, text=True, check=False, timeout=55)
    assert done.returncode == 1 and "FAIL bench request " in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("kept-alive request") == 2, "it was not measured again"
