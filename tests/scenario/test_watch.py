"""watch = on: whatever way a file is replaced, the gateway reloads by itself: once a change, soon, and never for nothing."""

import os
import shutil
import threading
import time

import pytest

from support import client as clients
from support import edge, stats, wait
from support.gateway import ini_text
from support.reloading import DONE, STAYS, changed, outcomes, reload, write

SECONDS = 20
QUIET_SECONDS = 1.5     # longer than a burst is waited out
# As in src/control/file_watch.c: what ends a burst, with a little for the way there, and how long one is waited out.
BURST_PAUSE_SECONDS, BURST_SECONDS_MAX = 0.15, 1.0
REWRITE = "rewrite rules"


class Watched:
    """A gateway that watches; its configuration and the files of it are changed by name."""

    def __init__(self, start_sections, servers, **changes):
        changes.setdefault("rewrite", {"response_header": "X-Turn: 0"})
        self.gateway, self.sections = start_sections(servers, gateway={"watch": "on"}, **changes)
        stats.until_ready(self.gateway)

    def use(self, title, **changes):
        """Other settings of a section, by a change that it must notice itself."""
        count = len(outcomes(self.gateway))
        self.sections = changed(self.sections, title, **changes)
        write(self.gateway, ini_text(self.sections))
        assert self.until_outcomes(count + 1)[-1].startswith(DONE), self.gateway.stderr()

    def text(self, turn, **gateway):
        sections = changed(self.sections, REWRITE, response_header=f"X-Turn: {turn}")
        return ini_text(changed(sections, "gateway", **gateway))

    def turn(self, pki):
        response = clients.ask(self.gateway.port, pki, "good")
        assert response.status == 200
        return int(response.get("X-Turn"))

    def until_turn(self, pki, turn):
        wait.until(lambda: self.turn(pki) == turn, f"turn {turn}", SECONDS)

    def until_outcomes(self, count):
        wait.until(lambda: len(outcomes(self.gateway)) >= count, f"{count} reloads", SECONDS)
        return outcomes(self.gateway)

    def outcomes(self):
        """Of every reload that has been felt. What the gateway says of it comes a moment later, and before its counters."""
        self.gateway.counters()
        return outcomes(self.gateway)

    def expect_silence(self, count):
        """No reload but the count that there were: nothing can be waited for that does not come."""
        time.sleep(QUIET_SECONDS)
        assert len(self.outcomes()) == count, self.gateway.stderr()


@pytest.fixture
def watched(start_sections, backends):
    return Watched(start_sections, backends())


def write_in_place(path, text):
    with open(path, "r+", encoding="utf-8") as file:
        file.truncate(0)
        file.write(text)


def test_a_save_by_rename_is_seen(watched, pki):
    for turn in 1, 2, 3:
        write(watched.gateway, watched.text(turn))
        watched.until_turn(pki, turn)
    assert len(watched.outcomes()) == 3
    assert f"sallyport: {watched.gateway.config} has changed: reloading" in watched.gateway.stderr()


def test_a_write_in_place_is_seen(watched, pki):
    for turn in 1, 2:
        write_in_place(watched.gateway.config, watched.text(turn))
        watched.until_turn(pki, turn)


def test_a_file_that_is_deleted_and_made_again_is_seen(watched, pki):
    os.unlink(watched.gateway.config)
    line, = watched.until_outcomes(1)
    assert line.endswith(STAYS) and "No such file" in watched.gateway.stderr()
    assert watched.turn(pki) == 0
    with open(watched.gateway.config, "x", encoding="utf-8") as file:
        file.write(watched.text(1))
    watched.until_turn(pki, 1)


def test_a_broken_file_leaves_the_old_generation_and_is_said_once(watched, pki):
    write(watched.gateway, watched.text(1) + "\n[no_such_section]\n")
    line, = watched.until_outcomes(1)
    assert line.endswith(STAYS)
    watched.expect_silence(1)
    assert watched.gateway.stderr().count("no_such_section") == 1 and watched.turn(pki) == 0
    assert stats.metrics(watched.gateway)["sallyport_config_last_reload_successful"] == 0
    write(watched.gateway, watched.text(2))
    watched.until_turn(pki, 2)


def test_a_burst_of_a_hundred_changes_makes_few_reloads(watched, pki):
    begun, written, pauses = time.monotonic(), time.monotonic(), 0
    for turn in range(1, 101):
        write(watched.gateway, watched.text(turn))
        # Where the machine holds us up for so long, the burst is two.
        pauses += time.monotonic() - written > BURST_PAUSE_SECONDS
        written = time.monotonic()
        time.sleep(0.01)
    lasted = written - begun
    watched.until_turn(pki, 100)
    watched.expect_silence(len(watched.outcomes()))
    assert len(watched.outcomes()) <= 3 + pauses + lasted / BURST_SECONDS_MAX, (pauses, lasted)
    assert all(line.startswith(DONE) for line in watched.outcomes())


def test_other_files_beside_it_cause_nothing(watched, pki):
    """Among them the access log, which lies there too."""
    for number in range(20):
        with open(os.path.join(watched.gateway.folder, f"beside-{number}"), "w", encoding="utf-8") as file:
            file.write("nothing")
        assert watched.turn(pki) == 0
    watched.expect_silence(0)


def test_it_is_turned_on_and_off_by_a_reload(watched, pki):
    write(watched.gateway, watched.text(1, watch="off"))
    watched.until_turn(pki, 1)
    write(watched.gateway, watched.text(2, watch="off"))
    watched.expect_silence(1)
    assert watched.turn(pki) == 1
    reload(watched.gateway, changed(changed(watched.sections, REWRITE, response_header="X-Turn: 3"), "gateway", watch="on"))
    write(watched.gateway, watched.text(4))
    watched.until_turn(pki, 4)
    assert len(watched.outcomes()) == 3


def test_without_it_nothing_is_watched(start_sections, backends, pki):
    gateway, sections = start_sections(backends())
    write(gateway, ini_text(changed(sections, "gateway", drain_timeout="1s")))
    time.sleep(QUIET_SECONDS)
    assert not outcomes(gateway) and clients.ask(gateway.port, pki, "good").status == 200


# ---------------------------------------------------------------------------------- what it rests on


def copied(path, folder, name=None):
    target = os.path.join(str(folder), name or os.path.basename(path))
    shutil.copy(path, target)
    return target


def replace(path, source):
    """As certbot and its like do: written beside it, then renamed."""
    shutil.copy(source, path + ".new")
    os.rename(path + ".new", path)


def presented(gateway, pki):
    with clients.connect(gateway.port, pki, "good") as client:
        return client.sock.getpeercert(binary_form=True)


def test_a_certificate_and_its_key_are_renewed(start_sections, backends, pki, tmp_path):
    chain, key = copied(pki.chain("server"), tmp_path, "chain.pem"), copied(pki.key("server"), tmp_path, "key.pem")
    watched = Watched(start_sections, backends())
    watched.use("listener edge", certificate=[chain], certificate_key=[key])
    before = presented(watched.gateway, pki)
    replace(chain, pki.chain("server-p384"))
    replace(key, pki.key("server-p384"))
    wait.until(lambda: presented(watched.gateway, pki) != before, "the new certificate", SECONDS)
    assert watched.outcomes()[-1].startswith(DONE)


def test_a_ca_file_is_replaced(start_sections, backends, pki, tmp_path):
    trusted = copied(pki.file("root"), tmp_path, "ca.pem")
    watched = Watched(start_sections, backends(), profile={"trusted_client_ca": trusted})
    assert watched.turn(pki) == 0
    replace(trusted, pki.file("stranger-root"))
    wait.until(lambda: clients.ask(watched.gateway.port, pki, "good").status == 400, "the other CA", SECONDS)
    replace(trusted, pki.file("root"))
    wait.until(lambda: clients.ask(watched.gateway.port, pki, "good").status == 200, "the first CA", SECONDS)


def test_files_that_come_to_be_included_and_go_are_seen(start_sections, backends, pki, tmp_path):
    folder = tmp_path / "conf.d"
    folder.mkdir()
    rules = ini_text([(REWRITE, {"response_header": "X-Turn: 7"})])
    (folder / "10.ini").write_text(rules)
    sections = {"gateway": {"watch": "on", "include": f"{folder}/*.ini"}, "listener": {"rewrite": "rules"}}
    gateway, _sections = start_sections(backends(), **sections)
    stats.until_ready(gateway)

    def until_turn(turn):
        wait.until(lambda: clients.ask(gateway.port, pki, "good").get("X-Turn") == turn, f"turn {turn}", SECONDS)

    until_turn("7")
    os.rename(folder / "10.ini", folder / "10.off")
    (folder / "20.ini").write_text(rules.replace("7", "8"))
    until_turn("8")


def test_a_file_that_was_missing_is_found_when_it_comes(watched, pki, tmp_path):
    """Of a configuration that was refused for want of it."""
    late = str(tmp_path / "later" / "ca.pem")
    sections = changed(watched.sections, "ssl_profile devices", trusted_client_ca=late)
    write(watched.gateway, ini_text(changed(sections, REWRITE, response_header="X-Turn: 1")))
    line, = watched.until_outcomes(1)
    assert line.endswith(STAYS) and watched.turn(pki) == 0
    os.mkdir(os.path.dirname(late))
    replace(late, pki.file("root"))
    watched.until_turn(pki, 1)


# ------------------------------------------------------------------------------------- symbolic links


class Volume:
    """A folder as Kubernetes mounts a ConfigMap: FILE -> ..data/FILE, ..data -> ..TIME; the latter link is swapped."""

    def __init__(self, folder, files):
        self.folder, self.count = str(folder), 0
        os.mkdir(self.folder)
        self.swap(files)
        for name in files:
            os.symlink(f"..data/{name}", os.path.join(self.folder, name))

    def path(self, name):
        return os.path.join(self.folder, name)

    def swap(self, files):
        self.count += 1
        version = f"..version-{self.count}"
        os.mkdir(self.path(version))
        for name, source in files.items():
            shutil.copy(source, self.path(os.path.join(version, name)))
        os.symlink(version, self.path("..data_tmp"))
        os.rename(self.path("..data_tmp"), self.path("..data"))
        if self.count > 1:
            shutil.rmtree(self.path(f"..version-{self.count - 1}"))


def test_the_swapped_link_of_a_volume_is_seen(start_sections, backends, pki, tmp_path):
    names = {"tls.crt": pki.chain("server"), "tls.key": pki.key("server")}
    other = {"tls.crt": pki.chain("server-p384"), "tls.key": pki.key("server-p384")}
    volume = Volume(tmp_path / "volume", names)
    watched = Watched(start_sections, backends())
    watched.use("listener edge", certificate=[volume.path("tls.crt")], certificate_key=[volume.path("tls.key")])
    first = presented(watched.gateway, pki)
    volume.swap(other)
    wait.until(lambda: presented(watched.gateway, pki) != first, "the other certificate", SECONDS)
    volume.swap(names)
    wait.until(lambda: presented(watched.gateway, pki) == first, "the first certificate", SECONDS)
    assert all(line.startswith(DONE) for line in watched.outcomes())


def test_a_link_to_a_file_in_another_folder_is_followed(start_sections, backends, pki, tmp_path):
    """The link may be swapped, and what it leads to replaced: as certbot has live/ and archive/."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "live").mkdir()
    link = str(tmp_path / "live" / "ca.pem")
    first = copied(pki.file("root"), tmp_path / "archive", "ca1.pem")
    os.symlink("../archive/ca1.pem", link)
    watched = Watched(start_sections, backends(), profile={"trusted_client_ca": link})

    def until_status(status):
        wait.until(lambda: clients.ask(watched.gateway.port, pki, "good").status == status, str(status), SECONDS)

    until_status(200)
    replace(first, pki.file("stranger-root"))
    until_status(400)
    copied(pki.file("root"), tmp_path / "archive", "ca2.pem")
    os.symlink("../archive/ca2.pem", link + ".new")
    os.rename(link + ".new", link)
    until_status(200)


def test_a_folder_that_is_replaced_as_a_whole_is_seen(start_sections, backends, pki, tmp_path):
    for name, root in ("trust", "root"), ("trust.new", "stranger-root"):
        (tmp_path / name).mkdir()
        copied(pki.file(root), tmp_path / name, "ca.pem")
    watched = Watched(start_sections, backends(), profile={"trusted_client_ca": str(tmp_path / "trust" / "ca.pem")})
    assert watched.turn(pki) == 0
    os.rename(tmp_path / "trust", tmp_path / "trust.old")
    os.rename(tmp_path / "trust.new", tmp_path / "trust")
    wait.until(lambda: clients.ask(watched.gateway.port, pki, "good").status == 400, "the other folder", SECONDS)


# --------------------------------------------------------------------------------------- under traffic


def test_no_request_fails_while_files_change(watched, pki):
    over, failures, served = threading.Event(), [], [0]

    def keep_asking():
        with clients.connect(watched.gateway.port, pki, "good") as client:
            while not over.is_set():
                status = client.request().status
                served[0] += 1
                if status != 200:
                    failures.append(status)

    thread = threading.Thread(target=keep_asking)
    thread.start()
    try:
        for turn in 1, 2, 3, 4:
            write(watched.gateway, watched.text(turn) + ("[broken\n" if turn == 2 else ""))
            watched.until_outcomes(turn)
    finally:
        over.set()
        thread.join()
    assert not failures and served[0] > 10
    assert [line.startswith(DONE) for line in outcomes(watched.gateway)] == [True, False, True, True]
