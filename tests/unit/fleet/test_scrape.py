"""Where Prometheus reaches each gateway."""

from __future__ import annotations

import json

from clawfleet.fleet.expand import expand
from clawfleet.fleet.models.fleet import Fleet
from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.scrape import METRICS_PATH, address, out_of_reach, scrape_config, token_file


def fleet() -> Fleet:
    tunnel = {"hostname": "b.example", "key": "/etc/key", "localPort": 29000, "remotePort": 18909}
    hosts = {
        "a": {"connect": {"hostname": "a.example"}, "tunnels": {"b-ops": tunnel}, "gateways": {"x": {}}},
        "b": {
            "connect": {"hostname": "b.example"},
            "gateways": {"y": {"port": 18789}, "ops": {"port": 18909}, "open": {"port": 19029, "bind": "tailnet"}},
        },
    }
    return parse_files({"fleet.json5": json.dumps({"version": 1, "hosts": hosts})})


def test_on_its_host_by_a_tunnel_by_the_network_or_not_at_all() -> None:
    found = {item.id: address(fleet(), item, "a") for item in expand(fleet(), {})}
    assert found == {
        "a/x": "127.0.0.1:18789",
        "b/y": None,
        "b/ops": "127.0.0.1:29000",
        "b/open": "b.example:19029",
    }
    assert out_of_reach(fleet(), expand(fleet(), {}), "a") == ["b/y"]
    assert out_of_reach(fleet(), expand(fleet(), {}), None) == ["a/x", "b/y", "b/ops"]


def test_each_gateway_is_a_job_with_its_own_token() -> None:
    instances = expand(fleet(), {})
    first = scrape_config(fleet(), instances, "a")["scrape_configs"][0]
    assert first == {
        "job_name": "clawfleet/a/x",
        "metrics_path": METRICS_PATH,
        "authorization": {"credentials_file": "tokens/a-x"},
        "static_configs": [
            {"targets": ["127.0.0.1:18789"], "labels": {"instance": "a/x", "host": "a", "gateway": "x"}},
        ],
    }
    assert len({token_file(item) for item in instances}) == len(instances)
