"""What services are called."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from clawfleet.host.service_names import NameRefused, launchd_label, service_name, unit_name

HOME = PurePosixPath("/home/ada")


@pytest.mark.parametrize(
    ("profile", "state_dir", "name"),
    [
        (None, ".openclaw", ""),
        ("ops", ".openclaw-ops", "ops"),
        ("ops", "elsewhere", "ops"),
        (None, ".openclaw-a", "a"),
    ],
)
def test_names_follow_the_profile(profile: str | None, state_dir: str, name: str) -> None:
    assert service_name(profile, HOME / state_dir, HOME) == name


def test_an_unusual_state_dir_has_a_name_of_its_own() -> None:
    """Always the same, never another directory's, and readable."""
    one = service_name(None, PurePosixPath("/srv/My Data"), HOME)
    assert one == service_name(None, PurePosixPath("/srv/My Data"), HOME)
    assert one.startswith("my-data-")
    assert one != service_name(None, PurePosixPath("/opt/My Data"), HOME)
    assert service_name(None, PurePosixPath("/srv/数据"), HOME).startswith("state-")


def test_units_and_labels() -> None:
    assert (unit_name(""), unit_name("ops")) == ("openclaw-gateway.service", "openclaw-gateway-ops.service")
    assert (launchd_label(""), launchd_label("ops")) == ("ai.openclaw.gateway", "ai.openclaw.ops")


@pytest.mark.parametrize("name", ["gateway", "node", "Ops"])
def test_names_that_launchd_services_cannot_have(name: str) -> None:
    with pytest.raises(NameRefused, match=name):
        launchd_label(name)
