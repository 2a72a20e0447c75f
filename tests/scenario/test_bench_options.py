"""What the programs of bench/ are told is looked at before they measure: a mistake costs no minutes."""

import os
import subprocess

import pytest

from support.authority import ROOT


def run(name, *arguments):
    return subprocess.run([os.path.join(ROOT, "bench", name), *map(str, arguments)], capture_output=True, text=True, timeout=20,
                          check=False)


def expect_refused(part, name, *arguments):
    done = run(name, *arguments)
    assert done.returncode == 2 and part in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert done.stdout == "", done.stdout


@pytest.mark.parametrize("name", ["compare", "scaling", "profile"])
@pytest.mark.parametrize("option, value", [("--rounds", "0"), ("--rounds", "-1"), ("--rounds", "x"), ("--seconds", "0"),
                                           ("--seconds", "nan"), ("--seconds", "inf"), ("--seconds", "-3")])
def test_a_measure_of_nothing_is_refused(name, option, value):
    expect_refused(f"'{value}' is no", name, f"{option}={value}")


def test_no_gateway_no_worker_and_no_connection_are_refused():
    for option in ("--gateways", "--connections"):
        expect_refused("'0' is no number from 1 on", "idle_memory", option, 0)
    for text in ("0", "1,x", ""):
        expect_refused("is no number from 1 on", "scaling", f"--workers={text}")


@pytest.mark.parametrize("name, option", [("compare", "--json"), ("compare", "--svg"), ("compare", "--markdown"),
                                          ("scaling", "--json"), ("idle_memory", "--json"), ("profile", "--json")])
def test_a_file_that_cannot_be_written_is_refused(tmp_path, name, option):
    for path in (tmp_path / "nowhere" / "x", tmp_path):
        expect_refused(f"{path} cannot be written", name, option, path)


def test_a_record_that_is_none_is_refused(tmp_path):
    (tmp_path / "text").write_text("no JSON")
    (tmp_path / "list").write_text("[]")
    (tmp_path / "rows").write_text('{"rows": []}')
    for file in ("nothing", "text", "list", "rows"):
        expect_refused(str(tmp_path / file), "compare", "--check", tmp_path / file)
    expect_refused("'-5' is no number of percent", "compare", "--tolerance=-5")


def test_nothing_measured_is_a_failure():
    done = run("compare", "--only", "request", "--peers", "nginx", "--rounds", 1, "--seconds", "0.0001")
    assert done.returncode == 1 and done.stderr == "compare: nothing was measured\n", done.stderr
