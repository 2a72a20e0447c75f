"""Who may read the stats socket and who may change things over it: the kernel tells who connects."""

import os
import pwd

import pytest

from support import stats

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")


@pytest.fixture
def open_folders(tmp_path):
    """Everybody may come as far as the socket: what is tested is its own mode."""
    folder = str(tmp_path)
    changed = []
    while folder != "/":
        mode = os.stat(folder).st_mode & 0o7777
        if not mode & 0o001:
            changed.append((folder, mode))
            os.chmod(folder, mode | 0o011)
        folder = os.path.dirname(folder)
    yield
    for folder, mode in changed:
        os.chmod(folder, mode)


def somebody(group):
    user = pwd.getpwnam("nobody").pw_uid
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]


def somebody_besides(group, besides):
    user = pwd.getpwnam("nobody").pw_uid
    return ["setpriv", f"--reuid={user}", f"--regid={group}", f"--groups={besides}"]


NOGROUP = 65534


def test_strangers_do_not_even_connect(start, backend, open_folders):
    gateway = start(backend)
    stats.until_ready(gateway)
    os.chmod(gateway.folder, 0o711)
    status, said = stats.curl(gateway, "/healthz", wrapper=somebody(NOGROUP))
    assert status == 0 and "connect" in said.lower()


def test_a_stranger_who_connects_is_refused(start, backend, open_folders):
    gateway = start(backend)
    stats.until_ready(gateway)
    os.chmod(gateway.folder, 0o711)
    os.chmod(stats.await_socket(gateway), 0o666)
    status, said = stats.curl(gateway, "/healthz", wrapper=somebody(NOGROUP))
    assert status == 403 and "in its group" in said


@pytest.mark.parametrize("wrapper", [somebody(0), somebody_besides(NOGROUP, 0)])
def test_the_group_may_read_and_change_nothing(start, backend, open_folders, wrapper):
    gateway = start(backend)
    stats.until_ready(gateway)
    os.chmod(gateway.folder, 0o711)
    assert stats.curl(gateway, "/metrics", wrapper=wrapper)[0] == 200
    for path in ("/reload", "/drain", "/stop"):
        status, said = stats.curl(gateway, path, "-X", "POST", wrapper=wrapper)
        assert status == 403 and "root or the owner" in said
    assert gateway.is_running()
    stats.until_ready(gateway)


def test_the_mode_is_for_owner_and_group(start, backend):
    gateway = start(backend)
    path = stats.await_socket(gateway)
    stats.ask(gateway, "/healthz")  # it listens, and so has the mode that it keeps
    assert os.stat(path).st_mode & 0o7777 == 0o660
