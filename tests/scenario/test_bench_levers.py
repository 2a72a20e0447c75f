"""bench/levers: each patch still applies and compiles, what is made of the figures, what is told; and once a lever that needs
nothing built."""

import json
import os
import subprocess
import sys

import pytest

from support.authority import ROOT

sys.path.insert(0, os.path.join(ROOT, "bench"))

from compared import levers, measurements, pairs, variant  # noqa: E402 # the line above finds it

LEVERS = os.path.join(ROOT, "bench", "levers")
PATCHED = [lever for lever in levers.LEVERS if lever.patch()]
LINES_MAX = 40
HANDSHAKE = levers.BY_KEY["handshake"]


def lines_of(patch):
    with open(patch, encoding="utf-8") as file:
        return file.read().splitlines()


@pytest.mark.parametrize("lever", PATCHED, ids=lambda lever: lever.key)
def test_the_patch_of_a_lever_still_applies(lever):
    assert variant.applies(lever.patch(), ROOT, is_tried=True) == ""


def test_every_patch_is_of_a_lever_and_small():
    assert sorted(os.listdir(levers.FOLDER)) == sorted(lever.key + ".patch" for lever in PATCHED)
    for lever in PATCHED:
        changed = [line for line in lines_of(lever.patch()) if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        assert len(changed) < LINES_MAX, lever.key


def test_a_patch_that_no_longer_fits_is_told_and_touches_nothing(tmp_path):
    (tmp_path / "file.c").write_text("one\n")
    patch = tmp_path / "old.patch"
    patch.write_text("--- a/file.c\n+++ b/file.c\n@@ -1 +1 @@\n-two\n+three\n")
    assert "FAILED" in variant.applies(str(patch), str(tmp_path), is_tried=True)
    assert (tmp_path / "file.c").read_text() == "one\n" and not (tmp_path / "file.c.rej").exists()


@pytest.mark.parametrize("lever", [lever for lever in PATCHED if not lever.is_slow], ids=lambda lever: lever.key)
def test_what_a_patch_changes_still_compiles(lever, tmp_path):
    variant.make_tree(str(tmp_path), lever.patch(), has_objects=False)
    changed = [line[6:] for line in lines_of(lever.patch()) if line.startswith("+++ b/")]
    objects = [f"{variant.BUILT}/{name[:-2]}.o" for name in changed if name.endswith(".c")]
    headers = [name for name in changed if name.endswith(".h")]
    objects += [f"{variant.BUILT}/{name[:-2]}.o" for name in headers if (tmp_path / (name[:-2] + ".c")).exists()]
    assert objects and variant.make(str(tmp_path), "CFLAGS=-O1", *objects) == ""


@pytest.mark.parametrize("lever", levers.LEVERS, ids=lambda lever: lever.key)
def test_a_lever_is_taken_away_on_one_side_only(lever):
    differs = [built is not without for built, without in lever.pairs]
    assert all(differs) if not lever.is_built() else not any(differs)
    for built, without in lever.pairs:
        assert (built.measure, built.unit, built.scale) == (without.measure, without.unit, without.scale)


def test_a_row_with_something_else_in_it_keeps_the_rest():
    server = type("Server", (), {"folder": "/f", "processes": [7], "port": 1})()
    _built, without = next(lever for lever in levers.LEVERS if lever.key == "suite").pairs[0]
    words, changed = (measurements.command(row, server, {}, 1) for row in (HANDSHAKE, without))
    assert [(one, other) for one, other in zip(words, changed) if one != other] == [
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")]


def measured(*values, note=""):
    found = pairs.Pairs(levers.CONTROL, HANDSHAKE)
    for built, without in values:
        found.add(pairs.Point(built, note, 3.0), pairs.Point(without, note, 8.0))
    return found


@pytest.mark.parametrize("verdict, values", [
    ("it helps", [(100, 120)] * 13),
    ("it costs", [(120, 100)] * 13),
    ("within the noise", [(100, 120)] * 9 + [(120, 100)] * 4),
    ("within the noise", [(100, 101)] * 13),
    ("within the noise", [(100, 120)] * 5),
    ("within the noise", [(100, 100)] * 13),
    ("within the noise", []),
    ("it helps", [(0, 50)] * 13),
])
def test_a_difference_counts_when_it_is_large_and_no_chance(verdict, values):
    assert measured(*values).verdict() == verdict


def test_half_of_the_turns_is_chance_and_all_of_them_is_not():
    assert pairs.chance(5, 10) == 1 and pairs.chance(10, 10) == pairs.chance(0, 10) < 0.01


def test_a_turn_that_could_not_be_measured_is_left_out_and_told():
    found = measured((100, 120), (None, 120), note="why")
    assert found.values == [(100, 120)] and found.notes == ["why"]
    assert found.line()[2:] == ["100.0", "120.0", "1.20", "1.20", "1 of 1", "3.0 / 8.0", "within the noise"]
    assert len(found.line()) == len(measured().line()) == len(pairs.HEADS)


def run(*arguments):
    return subprocess.run([LEVERS, *arguments], capture_output=True, text=True, check=False, timeout=55)


def test_the_list_has_every_lever():
    text = run("--list").stdout
    assert all(lever.title in text for lever in levers.LEVERS)


@pytest.mark.parametrize("arguments, part", [
    (["--only", "magic"], "there is no lever 'magic'"),
    (["--only", "group", "--write", __file__], "has no place for the table"),
    (["--only", "group", "--write", "/nowhere/file"], "No such file"),
])
def test_what_cannot_be_done_is_told_at_once(arguments, part):
    done = run(*arguments)
    assert done.returncode == 1 and part in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_a_lever_is_measured_and_written_down(tmp_path):
    page, table = tmp_path / "page.md", tmp_path / "out.json"
    page.write_text("before\n<!-- what bench/levers --write replaces begins -->\nold\n<!-- and ends -->\nafter\n")
    done = run("--only", "group", "--turns", "1", "--seconds", "0.3", "--json", table, "--write", page)
    assert done.returncode == 0, done.stderr
    found = json.loads(table.read_text())["pairs"]
    assert [each["row"] for each in found] == ["handshake", "resume"]
    assert all(value > 0 for each in found for pair in each["values"] for value in pair)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text and "| X25519 first |" in text
