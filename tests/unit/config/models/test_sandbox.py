"""Where tools run. Source: tools-and-sessions §5.1."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from clawfleet.config.models.sandbox import Sandbox, SandboxDocker, SandboxPrune


def test_defaults_keep_apart() -> None:
    """Read-only, without network and capabilities, once it is on."""
    docker = Sandbox().docker
    assert (docker.read_only_root, docker.network, docker.cap_drop) == (True, "none", ("ALL",))
    assert (docker.pids_limit, docker.memory) == (512, "2g")
    assert Sandbox().mode == "off"


@pytest.mark.parametrize("network", ["host", "container:other"])
def test_networks_that_undo_it_are_refused(network: str) -> None:
    """OpenClaw's words."""
    with pytest.raises(ValidationError, match=f'Sandbox security: network mode "{network}" is blocked'):
        SandboxDocker(network=network)


def test_another_containers_network_is_joined_only_when_meant() -> None:
    """One flag, named for what it is; the host's network has none."""
    row = {"network": "container:other", "dangerouslyAllowContainerNamespaceJoin": True}
    assert SandboxDocker.model_validate(row).network == "container:other"
    with pytest.raises(ValidationError):
        SandboxDocker.model_validate({**row, "network": "host"})


@pytest.mark.parametrize("key", ["seccompProfile", "apparmorProfile"])
def test_a_profile_that_confines_nothing_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="the profile unconfined is blocked"):
        SandboxDocker.model_validate({key: "unconfined"})


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ("1024:2048", (1024, 2048)),
        ("10", (10, 10)),
        (7, (7, 7)),
        ({"soft": 1, "hard": 2}, (1, 2)),
        ({"hard": 3}, (3, 3)),
    ],
)
def test_ulimits_have_a_short_form(given: object, limits: tuple[int, int]) -> None:
    """As `docker run --ulimit` has it."""
    limit = SandboxDocker.model_validate({"ulimits": {"nofile": given}}).ulimits["nofile"]
    assert (limit.soft, limit.hard) == limits


@pytest.mark.parametrize("env", [{"A B": "1"}, {"1A": "x"}, {"A": "one\ntwo"}, {"A": "x\0"}])
def test_variables_are_portable_and_of_one_line(env: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SandboxDocker.model_validate({"env": env})


@pytest.mark.parametrize("bind", ["data:/data", "/data", "/data:rel:ro", "/data:/data:rx", "~/x:/x", ""])
def test_binds_are_absolute_on_both_sides(bind: str) -> None:
    with pytest.raises(ValidationError, match="both absolute"):
        SandboxDocker.model_validate({"binds": [bind]})


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
