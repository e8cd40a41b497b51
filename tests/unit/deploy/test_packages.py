"""Packages by the host's own word about its distribution, on hosts that pyinfra only pretends to reach."""

from __future__ import annotations

from typing import Any

import pytest
from pyinfra.api import Config, Inventory, State
from pyinfra.api.connect import connect_all
from pyinfra.api.operations import run_ops
from pyinfra.context import ctx_host, ctx_state

from clawfleet.fleet.features import Features
from clawfleet.fleet.models.docker import Docker
from clawfleet.fleet.models.firewall import Firewall
from clawfleet.fleet.models.upkeep import Updates
from facts.packages import Distribution, Os
from operations.packages import installed_packages
from tasks.packages import install_packages
from tests.unit.deploy.recipes import run

DEBIAN = ["ID=debian", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"']
UBUNTU = ["ID=ubuntu", "ID_LIKE=debian"]
FEDORA = ["ID=fedora", 'PRETTY_NAME="Fedora Linux 44"']
ROCKY = ["ID=rocky", 'ID_LIKE="rhel centos fedora"', 'PRETTY_NAME="Rocky Linux 10"']
ALPINE = ["ID=alpine", 'PRETTY_NAME="Alpine Linux"']
NOTHING = Features(None, None, None, None, None, None)


def executed(release: list[str], asked: Features = NOTHING, missing: str = "", *commands: str) -> list[str]:
    """What would be run on a host with that os-release that lacks these packages and has these commands."""
    answers: dict[str, Any] = {"os-release": release, "for p in": missing.split()}
    answers |= {f"command -v {name}": "yes" for name in commands}
    data = {"fake_responses": answers, "fake_delay": 0, "fake_delay_jitter": 0}
    inventory = Inventory((["@fake/h"], data))  # type: ignore[no-untyped-call]
    state = State(inventory, Config(), check_for_changes=False)  # type: ignore[no-untyped-call]
    connect_all(state)
    (host,) = inventory
    with ctx_state.use(state), ctx_host.use(host):
        install_packages(asked)
    run_ops(state)
    return [str(command) for command in host.connector.executed_commands]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("release", "family"), [(DEBIAN, "debian"), (UBUNTU, "debian"), (FEDORA, "fedora"), (ROCKY, "fedora"), (ALPINE, "")]
)
def test_a_distribution_is_known_by_itself_or_by_what_it_is_like(release: list[str], family: str) -> None:
    assert Distribution().process(release).family == family


def test_debian_gets_what_is_missing_from_apt_and_nothing_recommended() -> None:
    ran = executed(DEBIAN, missing="acl curl")
    (install,) = [line for line in ran if "apt-get" in line and " install" in line]
    assert install.endswith("acl curl") and "--no-install-recommends" in install
    assert not [line for line in executed(DEBIAN) if "apt-get" in line], "no index is asked when nothing is missing"


@pytest.mark.parametrize("release", [FEDORA, ROCKY])
def test_fedora_and_its_kin_get_their_own_names_from_dnf(release: list[str]) -> None:
    """No libpam-systemd there, and no python3-venv."""
    ran = executed(release, missing="systemd-pam acl")
    (asked,) = [line for line in ran if "for p in" in line]
    assert "systemd-pam" in asked and "libpam" not in asked and "venv" not in asked and "rpm -q" in asked
    assert [line for line in ran if "dnf install -y systemd-pam acl" in line]
    assert not [line for line in ran if "apt" in line]


def test_features_bring_their_packages_and_write_down_what_came_with_them() -> None:
    """What is there by other means is not installed again; ufw only where it is asked for."""
    asked = Features(Docker(install=True), None, Firewall(), None, None, Updates())
    ran = executed(DEBIAN, asked, "docker.io nftables unattended-upgrades")
    (lists,) = [line for line in ran if "for p in docker.io" in line]
    assert "docker.io nftables unattended-upgrades" in lists
    assert [line for line in ran if "comm -13 /etc/clawfleet/.made/packages.before" in line]
    ran = executed(DEBIAN, asked, "", "docker", "ufw")
    assert [line for line in ran if "for p in unattended-upgrades" in line]
    assert [line for line in executed(FEDORA, asked, "") if "for p in moby-engine nftables" in line]


def test_a_host_without_network_is_told_what_it_lacks() -> None:
    ran = run(installed_packages, {"MissingPackages": ["acl"]}, Os("debian", "Debian"), ["acl", "curl"], offline=True)
    assert ran.commands == [
        "echo 'this host is offline and lacks acl: put them into its image, or install them' >&2; exit 1"
    ]
    ran = run(installed_packages, {}, Os("", "Alpine Linux"), ["acl"])
    assert "Alpine Linux is neither like Debian nor like Fedora: install acl by its own means" in ran.commands[0]
