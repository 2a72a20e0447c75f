"""The servers behind a gateway as it sees them, over its stats socket, and what it has said of them."""

import collections
import json

from support import stats, wait
from support.backend import serve
from support.gateway import run_command

OFF = {"verify_client_auth_mode": "off"}
CHECKED = {"health_check": "http", "health_path": "/health", "health_interval": "50ms", "health_timeout": "5s",
           "health_rise": 2, "health_fall": 2}
EJECTING = {"eject_time": "300ms", "eject_time_max": "1200ms"}


def with_health(told, then=serve):
    """A script that answers GET /health with the status in told, and everything else as then does."""
    def script(conversation):
        request = conversation.peek_head()
        if request is None:
            return
        if request.target == "/health":
            conversation.read_head()
            conversation.answer(b"", f"{told['status']} Told")
            return
        then(conversation)

    return script


def all_of(gateway):
    """{address: what /backends says of it}"""
    stats.until_ready(gateway)
    return {row["address"]: row for row in stats.ask_json(gateway, "/backends")}


def state(gateway, server):
    return all_of(gateway)[server.address]["state"]


def until_state(gateway, server, *wanted):
    wait.until(lambda: state(gateway, server) in wanted, f"state {wanted} of {server.address}")


def said(gateway, server, words):
    """How many lines of the gateway say that of the server."""
    return sum(f"server {server.address} {words}" in line for line in gateway.stderr().split("\n"))


def until_said(gateway, server, words):
    """Once, and no more: lines are written behind what happens."""
    wait.until(lambda: said(gateway, server, words), f"the line '{words}'")
    assert said(gateway, server, words) == 1


def command(gateway, *arguments):
    return run_command("backend", *arguments, "-c", gateway.config)


def traffic(server):
    """Its requests, without checks."""
    return [request for request in list(server.requests) if request.target != "/health"]


def ports_that_answered(client, count):
    return collections.Counter(json.loads(client.request().body)["port"] for _turn in range(count))
