"""What is shipped for Prometheus and Grafana reads as they want it; that it asks only for metrics that there are is in
test_manual_is_true.py."""

import json
import subprocess

from support import monitoring
from support.monitoring import DASHBOARD, RULES, text_of


def test_promtool_takes_the_rules():
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "11 rules found" in done.stdout, done.stdout + done.stderr


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
