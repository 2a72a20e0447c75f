"""What every scenario test is given, and what is checked after each: see support/gateway.py, check_calm."""

import os
import resource
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import pytest  # noqa: E402

from support import client, edge  # noqa: E402
from support.authority import Certificates  # noqa: E402
from support.backend import Backend  # noqa: E402
from support.ocsp_responder import Responder  # noqa: E402
from support.programs import Nginx  # noqa: E402
from support.revocable import Revocable  # noqa: E402

TEST_SECONDS_MAX = int(os.environ.get("SALLYPORT_TEST_SECONDS", "180"))


def pytest_configure(config):
    if os.environ.get("SALLYPORT_BIG") == "1" and config.option.markexpr == "not big":
        config.option.markexpr = ""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So does a shell start what runs in its background, and all that the tests start would ignore it, too.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@pytest.fixture(autouse=True)
def time_limit(request):
    """A test that hangs fails and shows where."""
    def too_long(_signal, _frame):
        raise TimeoutError(f"the test took longer than {seconds} s")

    seconds = TEST_SECONDS_MAX * (20 if request.node.get_closest_marker("big") else 1)
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    yield
    signal.alarm(0)


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def responder(tmp_path_factory):
    """An OCSP responder and the certificates that name it: its pki stands in for the one above."""
    with Responder() as made:
        made.serve(Revocable(tmp_path_factory.mktemp("revocable"), made.url))
        yield made
        assert not made.failures, made.failures


@pytest.fixture
def forgetful(responder):
    """What a test made of its responder is undone behind it; what was asked so far is still counted."""
    yield
    responder.as_at_first()


@pytest.fixture
def start(tmp_path, pki, backends):  # pylint: disable=unused-argument
    """start(servers, gateway={…}, listener={…}, profile={…}, backend={…}, rewrite={…}, more=[…]) -> Gateway."""
    started = []

    def starter(servers, **changes):
        folder = tmp_path / f"gateway-{len(started)}"
        folder.mkdir()
        started.append(edge.start(folder, edge.edge_sections(str(folder), pki, servers, **changes)))
        return started[-1]

    yield starter
    finish(started)


@pytest.fixture
def start_sections(tmp_path, pki, backends):  # pylint: disable=unused-argument
    """start_sections(servers, …) -> Gateway and the sections that it was started with: for tests that reload it."""
    started = []

    def starter(servers, **changes):
        folder = tmp_path / f"reloaded-{len(started)}"
        folder.mkdir()
        sections = edge.edge_sections(str(folder), pki, servers, **changes)
        started.append(edge.start(folder, sections))
        return started[-1], sections

    yield starter
    finish(started)


def finish(gateways):
    client.close_all()
    try:
        for gateway in gateways:
            if gateway.is_running():
                gateway.check_calm()
            gateway.stop()
    finally:
        for gateway in gateways:
            gateway.kill()


@pytest.fixture
def backends():
    """backends(script) -> a Backend; all are stopped at the end and must not have failed themselves."""
    made = []

    def maker(script=None, **settings):
        made.append(Backend(script, **settings))
        return made[-1]

    yield maker
    for each in made:
        each.stop()
        assert not each.failures, each.failures


@pytest.fixture
def nginx(tmp_path):
    made = Nginx(tmp_path / "nginx")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def backend():
    """One backend for a whole file, with the answers of support/backend.py, PATHS."""
    with Backend() as made:
        yield made
        assert not made.failures, made.failures


@pytest.fixture(scope="module")
def shared_changes():
    """What a file changes of the gateway that all its tests share: overridden there."""
    return {}


@pytest.fixture(scope="module")
def shared_gateway(tmp_path_factory, pki, backend, shared_changes):
    folder = tmp_path_factory.mktemp("gateway")
    gateway = edge.start(folder, edge.edge_sections(str(folder), pki, backend, **shared_changes))
    yield gateway
    try:
        gateway.stop()
    finally:
        gateway.kill()


@pytest.fixture
def gateway(shared_gateway):
    """The shared gateway; it must be as calm after each test as before."""
    assert shared_gateway.is_running(), f"an earlier test ended it:\n{shared_gateway.stderr()[-4000:]}"
    yield shared_gateway
    client.close_all()
    shared_gateway.check_calm()


@pytest.fixture
def connect(pki):
    """connect(gateway, certificate, version=…, name=…) -> Client after its handshake."""
    def connector(gateway, certificate=None, port=None, **how):
        return client.connect(port or gateway.port, pki, certificate, **how)

    return connector
