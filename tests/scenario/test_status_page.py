"""The status page in a real browser: charts of what clients do, tables without script, nothing foreign, nothing run that is not ours."""

import html.parser
import os
import re
import shutil

import pytest

from support import browser as browsers
from support import client as clients
from support import ports, stats

HOSTILE = "a<img src=x onerror=document.title=1>&amp;'<script>b.pem"


@pytest.fixture
def page(start_sections, backend):
    """page(…) -> Gateway, the URL of its page, and its sections; changes as of start()."""
    def starter(**changes):
        address = f"127.0.0.1:{ports.free_port()}"
        gateway, sections = start_sections(backend, gateway={"stats_address": address}, **changes)
        stats.until_ready(gateway)
        return gateway, f"http://{address}/", sections

    return starter


@pytest.fixture
def browser(tmp_path):
    with browsers.Browser(tmp_path) as made:
        yield made
        # A violation of the page's own policy would be told here.
        assert made.complaints == [], made.complaints


class Cells(html.parser.HTMLParser):
    """What a reader without script sees: {data-figure: text}, all text, and all tags with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.figures, self.texts, self.tags = {}, [], [("", {})]
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        tag, attributes = self.tags[-1]
        if tag not in ("style", "script"):
            self.texts.append(data)
            if "data-figure" in attributes:
                self.figures.setdefault(attributes["data-figure"], data)


def line_of(chart, line):
    """JavaScript: the path of a line of a chart, empty before it is drawn; both counted from 0."""
    path = f"document.querySelectorAll('.chart')[{chart}]?.querySelectorAll('path:not(.area)')[{line}]"
    return f"({path}?.getAttribute('d') ?? '')"


def value_of(chart, line):
    return f"document.querySelectorAll('.chart')[{chart}].querySelectorAll('b')[{line}].textContent"


def test_charts_show_what_clients_do(page, browser, pki):
    gateway, url, _sections = page()
    browser.open(url)
    browser.until(f"{line_of(0, 0)}.includes('L')")
    for chart, line, certificate in ((0, 0, "good"), (1, 0, "good"), (2, 1, "good"), (3, 0, "expired")):
        while not float(re.sub("[^0-9.]", "", browser.ask(value_of(chart, line))) or 0) > 0:
            clients.ask(gateway.port, pki, certificate)
    assert browser.ask("document.getElementById('charts').hidden") is False
    assert browser.ask("document.title") == "Sallyport: ready"
    browser.until("document.getElementById('refusals').textContent.includes('expired')")
    browser.until("document.querySelector('#refusals .part') !== null")
    assert "127.0.0.1:" in browser.ask("document.getElementById('backends').textContent")


def test_one_call_of_the_browser_draws_all(page, tmp_path):
    _gateway, url, _sections = page()
    text = browsers.run(tmp_path, "--virtual-time-budget=8000", "--dump-dom", f"--user-data-dir={tmp_path}/profile", url)
    found = Cells(text)
    assert [tag for tag, _attributes in found.tags].count("path") >= 8
    lines = [attributes["d"] for tag, attributes in found.tags if tag == "path" and attributes["class"] == "first"]
    assert len(lines) == 4 and "L" in lines[0] and "L" in lines[1]


def test_without_script_the_figures_are_there(page, browser, pki):
    gateway, url, _sections = page()
    clients.ask(gateway.port, pki, "good")
    clients.ask(gateway.port, pki, "expired")
    found = Cells(stats.ask(gateway, "/")[2])
    told = stats.ask_json(gateway, "/stats")
    for name in ("requests", "handshakes_completed", "answers_2xx", "answers_4xx"):
        assert found.figures[f"counters.{name}"] == str(told["counters"][name])
    text = " ".join(found.texts)
    assert "expired" in text and "ready" in text and pki.file("root") in text
    browser.without_script()
    browser.open(url)
    shown = browser.ask("document.body.innerText")
    assert pki.file("root") in shown and "without scripts" in shown
    assert browser.ask("getComputedStyle(document.getElementById('charts')).display") == "none"


def test_every_figure_of_the_page_is_one_of_the_report(page, pki):
    gateway, _url, _sections = page()
    told = stats.ask_json(gateway, "/stats")
    for path in Cells(stats.ask(gateway, "/")[2]).figures:
        value = told
        for key in path.split("."):
            value = value[key]
        assert isinstance(value, (int, float)), path


def test_hostile_names_are_text(page, browser, pki, tmp_path):
    hostile = os.path.join(str(tmp_path), HOSTILE)
    shutil.copy(pki.file("root"), hostile)
    gateway, url, _sections = page(profile={"trusted_client_ca": hostile})
    found = Cells(stats.ask(gateway, "/")[2])
    assert hostile in "".join(found.texts)
    assert not {"img"} & {tag for tag, _attributes in found.tags}
    browser.open(url)
    browser.until(f"{line_of(0, 0)}.includes('L')")
    assert hostile in browser.ask("document.getElementById('certificates').textContent")
    assert browser.ask("document.querySelectorAll('img, script').length") == 1
    assert browser.ask("document.title") == "Sallyport: ready"


def test_the_page_needs_and_allows_nothing_else(page):
    gateway, _url, _sections = page()
    heads, nonces = [], set()
    for _turn in range(2):
        status, head, body = stats.ask(gateway, "/")
        assert status == 200 and "Content-Type: text/html; charset=utf-8" in head
        heads.append(head)
        policy = re.search("Content-Security-Policy: (.*)", head).group(1)
        nonces |= set(re.findall("'nonce-([^']+)'", policy))
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy and "*" not in policy
    assert len(nonces) == 2, "each answer has its own"
    for tag, attributes in Cells(body).tags:
        assert not any(name.startswith("on") or name in ("style", "src", "srcset") for name in attributes), (tag, attributes)
        assert tag not in ("link", "img", "iframe", "base", "object") and ":" not in attributes.get("href", "")
    assert not re.search(r"innerHTML|document\.write|eval\(|@import|url\(", body)
    status, head, body = stats.ask(gateway, "/", method="HEAD")
    assert status == 200 and body == "" and "Content-Security-Policy" in head
    assert "Content-Security-Policy" not in stats.ask(gateway, "/stats")[1]


def test_what_can_be_asked_is_listed(page):
    gateway, _url, _sections = page()
    status, _head, body = stats.ask(gateway, "/help")
    assert status == 200 and "GET  /metrics" in body and "POST /reload" in body


def test_a_lost_gateway_is_told_and_met_again(page, browser):
    gateway, url, sections = page()
    browser.open(url)
    browser.until(f"{line_of(0, 0)}.includes('L')")
    assert browser.ask("document.getElementById('notice').hidden") is True
    gateway.stop()
    browser.until("!document.getElementById('notice').hidden")
    assert "No answer from the gateway" in browser.ask("document.getElementById('notice').textContent")
    assert any("ERR_CONNECTION_REFUSED" in each for each in browser.complaints)
    again = type(gateway)(gateway.folder, sections, gateway.ports)
    try:
        browser.until("document.getElementById('notice').hidden")
    finally:
        again.stop()
    assert all("ERR_" in each for each in browser.complaints), browser.complaints
    browser.complaints.clear()


def test_small_and_large_windows_light_and_dark(page, browser, tmp_path):
    _gateway, url, _sections = page()
    grounds = set()
    for width, height, scheme in ((390, 844, "dark"), (1280, 800, "light"), (2200, 1200, "dark")):
        browser.prefer(scheme)
        browser.open(url, width, height)
        browser.until(f"{line_of(0, 0)}.includes('L')")
        assert browser.ask("document.documentElement.scrollWidth") <= width
        grounds.add(browser.ask("getComputedStyle(document.body).backgroundColor"))
        path = tmp_path / f"{width}.png"
        browser.picture(path)
        assert path.stat().st_size > 20_000
    assert len(grounds) == 2
