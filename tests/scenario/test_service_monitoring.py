"""What is shipped for Prometheus and Grafana reads as they want it; that it asks only for metrics that there are is in
test_manual_is_true.py."""

import json
import re
import subprocess

import pytest

from support import monitoring
from support.monitoring import DASHBOARD, RULES, text_of


def annotations_of(alert, labels):
    """As they are told, with the labels filled in."""
    rule = text_of(RULES).split(f"- alert: {alert}\n")[1].split("- alert: ")[0]
    pairs = re.findall(r'^ +(summary|description): "(.*)"$', rule, re.M)
    return {key: re.sub(r"{{ \$labels\.(\w+) }}", lambda found: labels[found[1]], value) for key, value in pairs}


def test_promtool_takes_the_rules():
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "11 rules found" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("state, is_told", [("down", True), ("disabled", False)])
def test_a_server_that_was_disabled_on_purpose_is_no_alarm(tmp_path, state, is_told):
    labels = 'job="sallyport", instance="edge-1", backend="app", address="127.0.0.1:8080"'
    series = [{"series": f"sallyport_backend_up{{{labels}}}", "values": "0x10"}]
    series += [{"series": f'sallyport_backend_state{{{labels}, state="{each}"}}', "values": f"{int(each == state)}x10"}
               for each in ("up", "disabled", "down", "ejected", "trial")]
    others = {"job": "sallyport", "instance": "edge-1", "backend": "app"}
    told = [{"exp_labels": {**others, "address": "127.0.0.1:8080", "severity": "warning"},
             "exp_annotations": annotations_of("SallyportBackendDown", {**others, "address": "127.0.0.1:8080"})}]
    path = tmp_path / "test.yml"
    path.write_text(json.dumps({"rule_files": [RULES], "tests": [{
        "interval": "1m", "input_series": series,
        "alert_rule_test": [{"eval_time": "5m", "alertname": "SallyportBackendDown", "exp_alerts": told if is_told else []}]}]}))
    done = subprocess.run(["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_parses_every_expression_of_the_dashboard(tmp_path):
    rules = [{"record": f"panel:{number}", "expr": each.replace("$__rate_interval", "5m")}
             for number, each in enumerate(monitoring.expressions())]
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
