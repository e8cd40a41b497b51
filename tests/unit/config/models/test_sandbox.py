"""Where tools run. Source: tools-and-sessions §5.1."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.sandbox import Sandbox, SandboxDocker, SandboxPrune


def test_defaults_keep_apart() -> None:
    """Read-only, without network and capabilities, once it is on."""
    docker = Sandbox().docker
    assert (docker.read_only_root, docker.network, docker.cap_drop) == (True, "none", ("ALL",))
    assert docker.pids_limit == 512
    assert Sandbox().mode == "off"


@pytest.mark.parametrize("network", ["host", "container:other"])
def test_networks_that_undo_it_are_refused(network: str) -> None:
    """OpenClaw's words."""
    with pytest.raises(ValidationError, match=f'Sandbox security: network mode "{network}" is blocked'):
        SandboxDocker(network=network)


def test_sizes_may_be_numbers() -> None:
    """Bytes, or with a unit."""
    assert SandboxDocker.model_validate({"memory": 1024, "memorySwap": "1g"}).memory == "1024"
    assert SandboxDocker.model_validate({"cpus": 2}).cpus == 2


@pytest.mark.parametrize("row", [{"cpus": 0}, {"pidsLimit": 0}, {"pidsLimit": None}, {"privileged": True}])
def test_refused(row: dict[str, object]) -> None:
    """Limits that limit nothing, and keys nobody knows."""
    with pytest.raises(ValidationError):
        SandboxDocker.model_validate(row)


def test_containers_are_let_go_after_a_day_without_use_or_a_week() -> None:
    """Zero keeps them."""
    assert Sandbox().prune == SandboxPrune(idle_hours=24, max_age_days=7)
    assert SandboxPrune.model_validate({"idleHours": 0, "maxAgeDays": 0.5}).idle_hours == 0
    with pytest.raises(ValidationError):
        SandboxPrune.model_validate({"idleHours": -1})
