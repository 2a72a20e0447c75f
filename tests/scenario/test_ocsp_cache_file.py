"""What the gateway was told about certificates survives its end; what somebody has done to the file does not."""

import os
import re
import signal

import pytest

from support import answer_file, edge, guarded, launch, stats, wait
from support import client as clients
from support.guarded import UNAVAILABLE
from support.moved_clock import HOUR, YEAR, MovedClock

SAID = re.compile(r"ocsp_cache_file = \S+: (\d+) answers? loaded, (\d+) too old, (\d+) bad|"
                  r"ocsp_cache_file = \S+: .*; starting without it")
NAMES = 5

pytestmark = pytest.mark.usefixtures("forgetful")


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


class Runs:
    """One gateway after another with the same file."""

    def __init__(self, folder, pki, backend):
        self.folder, self.pki, self.backend = folder, pki, backend
        self.path = str(folder / "answers")
        self.made = []
        self.changes = {}  # of the profile

    def start(self):
        folder = self.folder / f"run-{len(self.made)}"
        folder.mkdir()
        self.made.append(edge.start(folder, edge.edge_sections(
            str(folder), self.pki, self.backend, gateway={"ocsp_cache_file": self.path},
            profile=guarded.profile(guarded.PATIENT_SECONDS, **self.changes))))
        return self.made[-1]

    def stop(self):
        clients.close_all()
        self.made[-1].stop()

    def fill(self, names):
        """A file with the answers for these."""
        gateway = self.start()
        words = [guarded.word(gateway, self.pki, name) for name in names]
        self.stop()
        return words

    def words(self, names):
        """What a gateway says of them that has nothing but the file; and what it said of the file: loaded, too old, bad."""
        gateway = self.start()
        words = [guarded.word(gateway, self.pki, name) for name in names]
        self.stop()
        return words, self.said(gateway)

    def said(self, gateway):
        """None: that it starts without the file."""
        found = wait.until(lambda: SAID.search(gateway.stderr()), "what it says of the file")
        return tuple(map(int, found.groups())) if found[1] else None

    def octets(self):
        with open(self.path, "rb") as file:
            return file.read()

    def write(self, octets):
        with open(self.path, "wb") as file:
            file.write(octets)


@pytest.fixture(name="runs")
def gateways(tmp_path, pki, backend):
    made = Runs(tmp_path, pki, backend)
    yield made
    for gateway in made.made:
        gateway.kill()
        gateway.check_silence()


@pytest.fixture(name="filled")
def a_file_of_answers(runs, responder, pki):
    """(names, Runs): from now on the responder says nothing."""
    names = [pki.fresh() for _client in range(NAMES)]
    assert runs.fill(names) == [""] * NAMES
    responder.behave("no answer")
    return names, runs


def frame_of(those, pki, name):
    serial = pki.serial(name).to_bytes(20, "big").lstrip(b"\x00")
    return next(index for index, frame in enumerate(those) if serial in frame.body)


# ------------------------------------------------------------------------------------------------ restarts


def test_after_a_restart_nobody_is_asked_again(runs, responder, pki):
    names = [pki.fresh() for _client in range(3)]
    responder.revoke(names[1])
    responder.know(names[2], "unknown")
    assert runs.fill(names) == ["", "revoked", "revocation_unknown"]
    assert os.stat(runs.path).st_mode & 0o777 == 0o600
    responder.behave("no answer")
    before = len(responder.requests)
    words, said = runs.words(names[:2])
    assert (words, said) == (["", "revoked"], (2, 0, 0)), "unknown is not for long"
    assert len(responder.requests) == before


def test_a_failure_is_not_in_the_file(runs, responder, pki):
    name = pki.fresh()
    responder.behave("no answer")
    assert runs.fill([name]) == [UNAVAILABLE]
    responder.behave()
    words, said = runs.words([name])
    assert (words, said) == ([""], (0, 0, 0))


def test_what_is_too_old_is_said_and_not_used(filled, tmp_path, monkeypatch):
    names, runs = filled
    clock = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, clock.line())
    clock.move(2 * HOUR)
    words, said = runs.words(names)
    assert (words, said) == ([UNAVAILABLE] * NAMES, (0, NAMES, 0))


@pytest.mark.parametrize("seconds", [2 * HOUR, 2 * YEAR, -2 * HOUR])
def test_who_was_revoked_stays_out_though_the_answer_is_of_another_time(runs, responder, pki, tmp_path, monkeypatch, seconds):
    """Where failures are forgiven, and the responder has died; before the clock is set, too."""
    clock = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, clock.line())
    runs.changes = {"ocsp_failure": "allow"}
    lasting = {"starts_days": -1000, "ends_days": 1000}
    names = [pki.fresh("root", **lasting) for _client in range(2)]
    responder.revoke(names[0])
    assert runs.fill(names) == ["revoked", ""]
    responder.behave("try later")
    clock.move(seconds)
    words, said = runs.words(names)
    assert (words, said) == (["revoked", ""], (1, 1, 0) if seconds > 0 else (1, 0, 1))
    assert runs.words(names)[0] == ["revoked", ""], "nor has it been forgotten in writing"


def test_who_was_revoked_and_is_not_known_any_more_stays_out_after_a_restart(runs, responder, pki):
    runs.changes = {"ocsp_failure": "allow", "ocsp_max_age": "1s"}
    name = pki.fresh()
    responder.revoke(name)
    assert runs.fill([name]) == ["revoked"]
    responder.know(name, "unknown")
    gateway = runs.start()
    wait.until(lambda: guarded.word(gateway, pki, name) == "revoked"
               and stats.metrics(gateway)['sallyport_ocsp_faults_total{fault="forgotten"}'] > 0, "the forgetful answer")
    runs.stop()
    responder.behave("no answer")
    for _run in range(2):
        assert runs.words([name, "good"]) == (["revoked", ""], (1, 0, 0))


# ------------------------------------------------------------------------------------------------- tampering


def test_a_flipped_bit_costs_its_answer_alone(filled, pki):
    names, runs = filled
    octets = bytearray(runs.octets())
    octets[octets.index(pki.serial(names[2]).to_bytes(20, "big").lstrip(b"\x00"))] ^= 1
    runs.write(octets)
    assert runs.words(names) == (["", "", UNAVAILABLE, "", ""], (NAMES - 1, 0, 1))


def change_status(octets):
    """Of a response: good becomes unknown, or the other way round; the signature is as it was."""
    return octets.replace(b"\x80\x00\x18\x0f", b"\x82\x00\x18\x0f")


def cut(octets):
    return octets[:-1]


@pytest.mark.parametrize("change", [change_status, cut, lambda octets: octets[:-1] + bytes([octets[-1] ^ 1]),
                                    lambda octets: b"", lambda octets: octets + b"\x00"],
                         ids=["status", "cut", "signature", "empty", "longer"])
def test_an_answer_is_judged_anew_whatever_the_checksums_say(filled, pki, change):
    names, runs = filled
    those = answer_file.frames(runs.octets())
    index = frame_of(those, pki, names[0])
    changed = those[index].with_response(change(those[index].response()[1]))
    assert changed != those[index]
    those[index] = changed
    runs.write(answer_file.joined(those))
    assert runs.words(names) == ([UNAVAILABLE] + [""] * (NAMES - 1), (NAMES - 1, 0, 1))


def test_the_answer_for_one_is_none_for_another(runs, responder, pki):
    good, revoked = pki.fresh(), pki.fresh()
    responder.revoke(revoked)
    assert runs.fill([good, revoked]) == ["", "revoked"]
    responder.behave("no answer")
    those = answer_file.frames(runs.octets())
    places = [frame_of(those, pki, name) for name in (good, revoked)]
    those[places[1]] = those[places[1]].with_response(those[places[0]].response()[1])
    runs.write(answer_file.joined(those))
    assert runs.words([good, revoked]) == (["", UNAVAILABLE], (1, 0, 1))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_loses_its_end(filled, share):
    names, runs = filled
    octets = runs.octets()
    runs.write(octets[:int(len(octets) * share)])
    words, (loaded, old, bad) = runs.words(names)
    assert words.count("") == loaded == int((NAMES + 0.03) * share) and old == 0 and bad >= 1
    assert words.count(UNAVAILABLE) == NAMES - loaded


@pytest.mark.parametrize("octets", [b"", b"\x00" * 10000, b"SPOC" * 2500, os.urandom(100000)],
                         ids=["empty", "zeros", "marks", "noise"])
def test_a_file_of_nothing_is_started_without(filled, octets):
    names, runs = filled
    runs.write(octets)
    words, said = runs.words(names)
    assert words == [UNAVAILABLE] * NAMES and said[:2] == (0, 0) and said[2] > 0, said


def make_open(path):
    os.chmod(path, 0o666)


def make_folder(path):
    os.unlink(path)
    os.mkdir(path)


def make_pipe(path):
    os.unlink(path)
    os.mkfifo(path)


def make_link(path):
    os.rename(path, path + "-elsewhere")
    os.symlink(path + "-elsewhere", path)


@pytest.mark.parametrize("make", [make_open, make_folder, make_pipe, make_link])
def test_what_is_no_file_of_ours_is_said_and_not_read(filled, responder, make):
    names, runs = filled
    make(runs.path)
    gateway = runs.start()
    assert runs.said(gateway) is None
    assert guarded.word(gateway, runs.pki, names[0]) == UNAVAILABLE
    responder.behave()
    assert guarded.word(gateway, runs.pki, runs.pki.fresh()) == ""
    runs.stop()


# ------------------------------------------------------------------------------------------------- the end


def test_a_kill_at_any_step_of_writing_loses_what_was_not_written_and_no_more(filled, responder, pki, monkeypatch):
    """The old file or the new one, whole, after every call that has to do with them."""
    names, runs = filled
    before = runs.octets()
    steps = kept = status = 0
    while steps == 0 or status == -signal.SIGKILL:
        steps += 1
        runs.write(before)
        responder.behave()
        late = pki.fresh()
        with monkeypatch.context() as patch:
            launch.through(patch, runs.folder, launch.preload("sudden_death", file=runs.path, step=steps))
            gateway = runs.start()
            assert guarded.word(gateway, pki, late) == ""
            gateway.signal(signal.SIGTERM)
            status = gateway.wait_for_exit()
        responder.behave("no answer")
        words, said = runs.words(names + [late])
        has_late = words[NAMES] == ""
        assert words[:NAMES] == [""] * NAMES and said == (NAMES + has_late, 0, 0), (steps, words, said)
        kept += has_late
    print(f"killed at {steps - 1} steps; after {kept - 1} of them the new file was there")
    assert status == 0 and steps > 6 and kept == 2, "only the last step comes after the new name"
