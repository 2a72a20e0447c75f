"""A gateway that is given another configuration while it serves: SIGHUP, and what it says came of it."""

import os
import signal

from support import wait
from support.gateway import ini_text

DONE = "sallyport: reloaded "
STAYS = "the configuration in use stays"
SECONDS = 20


def changed(sections, title, **changes):
    """A copy in which the section of that title has other values; None leaves one out."""
    assert title in [each for each, _settings in sections], title
    return [(each, {**settings, **changes} if each == title else dict(settings)) for each, settings in sections]


def without(sections, *titles):
    return [(each, dict(settings)) for each, settings in sections if each not in titles]


def write(gateway, text):
    """As an editor does: the file is whole at every moment."""
    path = gateway.config + ".new"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path, gateway.config)


def outcomes(gateway):
    return [line for line in gateway.stderr().split("\n") if line.startswith(DONE) or line.endswith(STAYS)]


def ask(gateway):
    """SIGHUP, and what was printed since then, up to the last line about it."""
    before, start = len(outcomes(gateway)), len(gateway.stderr())
    gateway.signal(signal.SIGHUP)

    def is_over():
        assert gateway.is_running(), gateway.stderr()
        return len(outcomes(gateway)) > before

    wait.until(is_over, "the outcome of the reload", SECONDS)
    return gateway.stderr()[start:]


def reload(gateway, sections):
    """Must succeed; what it said."""
    write(gateway, ini_text(sections))
    said = ask(gateway)
    assert DONE in said and STAYS not in said and "error:" not in said, said
    return said


def refuse(gateway, sections, *words):
    """Must fail, and say these words; sections: or the text of the file."""
    write(gateway, sections if isinstance(sections, str) else ini_text(sections))
    said = ask(gateway)
    assert STAYS in said and DONE not in said, said
    for word in words:
        assert word in said, (word, said)
    return said
