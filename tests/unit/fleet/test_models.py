"""The shape of the fleet file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from clawfleet.fleet.models import Backup, Connect, Defaults, Fleet, Gateway, Host, Rollout, Tunnel

HOST = {"connect": {"hostname": "h"}, "gateways": {"default": {}}}


def test_smallest_fleet_has_the_documented_defaults() -> None:
    """One host with one empty gateway is a fleet."""
    fleet = Fleet.model_validate({"version": 1, "hosts": {"a": HOST}})
    assert (fleet.rollout.gate, fleet.rollout.gate_timeout_s, fleet.secrets_file) == ("ready", 180, "secrets.env")
    assert (fleet.hosts["a"].connect.port, fleet.hosts["a"].connect.strict_host_key) == (22, "yes")


@pytest.mark.parametrize(
    "gateway",
    [
        {"port": 1023},
        {"port": 65426},
        {"stateDir": "relative"},
        {"stateDir": "/"},
        {"workspace": "~/a/../b"},
        {"configPath": "/a\nb"},
        {"memoryMax": "lots"},
        {"cpuQuota": "2"},
        {"osUser": "root; rm"},
        {"profile": "Ops"},
        {"env": {"lower": "x"}},
        {"secrets": {"TOKEN": "plain-value"}},
        {"stopTimeoutS": 5},
        {"state_dir": "/a"},
    ],
)
def test_values_that_no_host_could_use_are_refused(gateway: dict[str, Any]) -> None:
    """A wrong value is found in the file, not on the host."""
    with pytest.raises(ValidationError):
        Gateway.model_validate(gateway)


@pytest.mark.parametrize("name", ["-a", "A", "a_b", "a" * 41, ""])
def test_gateway_names_are_lower_case_and_short(name: str) -> None:
    """Names become unit and directory names."""
    with pytest.raises(ValidationError):
        Fleet.model_validate({"version": 1, "hosts": {"a": {**HOST, "gateways": {name: {}}}}})


def test_a_host_without_gateways_is_refused() -> None:
    """An empty host is a mistake in the file."""
    with pytest.raises(ValidationError):
        Fleet.model_validate({"version": 1, "hosts": {"a": {**HOST, "gateways": {}}}})


def test_every_key_is_explained_to_operators() -> None:
    """docs/fleet.md has a row for each."""
    page = (Path(__file__).parents[3] / "docs" / "fleet.md").read_text(encoding="utf-8")
    models = (Fleet, Defaults, Host, Gateway, Connect, Rollout, Backup, Tunnel)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    missing = [
        key for key in keys - {"connect", "rollout", "backup", "tunnels"} if not re.search(rf"`(\w+\.)?{key}`", page)
    ]
    assert missing == []
