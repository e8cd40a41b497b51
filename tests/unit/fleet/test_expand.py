"""From the fleet file to instances."""

from __future__ import annotations

import json

from clawfleet.fleet.expand import allocated_ports, expand
from clawfleet.fleet.instance import TOKEN_NAME
from clawfleet.fleet.parse import parse_files
from clawfleet.fleet.secret_refs import SecretRef
from tests.unit.fleet.fleets import fleet_of, instances_of


def test_values_come_from_the_nearest_level() -> None:
    """Gateway before host before defaults before built-in."""
    tree = {
        "version": 1,
        "defaults": {"memoryMax": "1G", "cpuQuota": "100%", "osUser": "fleet", "service": "system", "env": {"A": "d"}},
        "hosts": {
            "h": {
                "connect": {"hostname": "h"},
                "memoryMax": "2G",
                "env": {"A": "h", "B": "h"},
                "config": {"logging": {"level": "debug", "x": 1}},
                "gateways": {
                    "one": {"memoryMax": "3G", "env": {"B": "g"}, "config": {"logging": {"level": "info"}}},
                    "two": {},
                },
            }
        },
    }
    one, two = expand(parse_files({"f": json.dumps(tree)}), {})
    assert (one.limits.memory_max, two.limits.memory_max) == ("3G", "2G")
    assert (one.limits.cpu_quota, one.limits.tasks_max, one.os_user, one.service) == ("100%", 512, "fleet", "system")
    assert one.env == {"A": "h", "B": "g"}
    log_file = "/home/fleet/.openclaw-one/logs/openclaw-YYYY-MM-DD.log"
    assert one.config["logging"] == {"level": "info", "x": 1, "file": log_file}
    assert two.config["logging"]["level"] == "debug"


def test_units_are_hardened_as_far_as_their_manager_can() -> None:
    """Strict for the system's, basic for a user's, unless the file says otherwise."""
    host = {"connect": {"hostname": "h"}, "gateways": {"one": {}, "two": {"hardening": "none"}}}
    tree = {"version": 1, "hosts": {"h": {**host, "service": "system"}, "u": {**host, "service": "user"}}}
    levels = [item.limits.hardening for item in expand(parse_files({"f": json.dumps(tree)}), {})]
    assert levels == ["strict", "none", "basic", "none"]


def test_every_gateway_has_a_token_of_its_own() -> None:
    """Without a reference one is generated; a given one is kept."""
    one, two = instances_of(h={"one": {}, "two": {"secrets": {TOKEN_NAME: "env:T"}}})
    assert one.secrets == {TOKEN_NAME: SecretRef("generate")}
    assert two.secrets == {TOKEN_NAME: SecretRef("env", key="T")}


def test_places_are_made_absolute_and_clean() -> None:
    """`~` is the OS user's home, doubled and trailing slashes go."""
    (item,) = instances_of(h={"one": {"osUser": "ada", "stateDir": "~/claw//a/", "configPath": "/etc/./x.json"}})
    assert item.state_dir == "/home/ada/claw/a"
    assert item.config_path == "/etc/x.json"
    assert item.workspace == "/home/ada/claw/a/workspace"


def test_the_profile_may_differ_from_the_name() -> None:
    """Two users may each run the unnamed profile on one host."""
    one, two = instances_of(
        h={"ada": {"profile": "default", "osUser": "ada"}, "bob": {"profile": "default", "osUser": "bob"}}
    )
    assert one.unit == two.unit
    assert one.unit_dir != two.unit_dir


def test_ports_are_remembered_per_host() -> None:
    """Each host has its own count; only allocated ports need remembering."""
    fleet = fleet_of(a={"one": {}, "two": {"port": 20000}}, b={"one": {}})
    instances = expand(fleet, {"a/one": 19500, "b/gone": 18789})
    assert [(item.id, item.port) for item in instances] == [("a/one", 19500), ("a/two", 20000), ("b/one", 18909)]
    assert allocated_ports(fleet, instances) == {"a/one": 19500, "b/one": 18909}
