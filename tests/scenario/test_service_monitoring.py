"""What is shipped for Prometheus and Grafana reads as they want it, and asks only for metrics that the gateway has."""

import json
import os
import re
import subprocess

from support.authority import ROOT

RULES = os.path.join(ROOT, "config", "prometheus", "sallyport.rules.yml")
DASHBOARD = os.path.join(ROOT, "config", "grafana", "sallyport.json")

# Families by their names in /metrics; histograms end in _bucket, _sum and _count there.
FAMILIES = {
    "answers_total", "backend_seconds", "backend_up", "build_info", "certificate_expiration_timestamp_seconds",
    "config_last_reload_success_timestamp_seconds", "config_last_reload_successful", "connections_closed_total",
    "connections_open", "draining", "judging_seconds", "log_dropped_total", "ocsp_faults_total", "request_seconds",
    "requests_total", "tls_handshake_seconds", "verdicts_total",
}


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def expressions():
    """Every PromQL expression of both."""
    for block, line in re.findall(r"^ +expr: (?:>\n((?: {10,}.*\n)+)|(.*))", text_of(RULES), re.M):
        yield block or line
    dashboard = json.loads(text_of(DASHBOARD))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


def test_promtool_takes_the_rules():
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "11 rules found" in done.stdout, done.stdout + done.stderr


def test_every_metric_that_is_asked_for_is_one_of_the_gateway():
    asked = {re.sub(r"_(bucket|sum|count)$", "", name) for each in expressions() for name in re.findall(r"sallyport_(\w+)", each)}
    assert asked <= FAMILIES, asked - FAMILIES
    assert FAMILIES - {"build_info"} <= asked, "a name too many is in the list"


def test_promtool_parses_every_expression_of_the_dashboard(tmp_path):
    rules = [{"record": f"panel:{number}", "expr": each.replace("$__rate_interval", "5m")}
             for number, each in enumerate(expressions())]
    path = tmp_path / "dashboard.rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_panels_of_the_dashboard_do_not_overlap_and_have_names_of_their_own():
    panels = json.loads(text_of(DASHBOARD))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells


def test_every_alert_says_what_it_means_and_how_grave_it_is():
    text = text_of(RULES)
    alerts = text.count("- alert: ")
    assert alerts == 11
    for line in "severity: ", "summary: ", "description: ":
        assert text.count(line) == alerts, line
