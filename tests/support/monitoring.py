"""What is shipped for Prometheus and Grafana: the expressions that it asks for."""

import json
import os
import re

from support.authority import ROOT

RULES = os.path.join(ROOT, "config", "prometheus", "sallyport.rules.yml")
DASHBOARD = os.path.join(ROOT, "config", "grafana", "sallyport.json")


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def expressions():
    """Every PromQL expression of both."""
    for block, line in re.findall(r"^ +expr: (?:>\n((?: {10,}.*\n)+)|(.*))", text_of(RULES), re.M):
        yield block or line
    for panel in json.loads(text_of(DASHBOARD))["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


def selectors(expression):
    """(name, labels that are asked for) of every metric of ours."""
    for name, braces in re.findall(r"((?:sallyport|process)_\w+)(\{[^}]*\})?", expression):
        yield name, set(re.findall(r"(\w+)(?:=~|!~|!=|=)", braces))


def grouped_by(expression):
    return {label.strip() for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(",")}
