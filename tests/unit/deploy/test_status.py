"""How a fleet is shown, and what of it is a fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import survey
from control.reach import HostFailedError
from control.status import HEADS, MORE_HEADS, cells, is_well, more_cells, orphans, row
from rendered import parts
from tests.unit.deploy.recipes import gateway

SEEN: dict[str, Any] = {
    "id": "edge/ops",
    "state": "active/running",
    "pid": 7,
    "restarts": 0,
    "release": "1.0.0-a",
    "previousRelease": "0.9.0-b",
    "edited": [],
    "ready": True,
    "live": True,
    "failing": [],
    "foreignListeners": [],
    "tokenFingerprint": "0badf00d",
    "sandboxImage": None,
}


def shown(fields: dict[str, Any] | None = None, **seen: Any) -> dict[str, Any]:
    item = gateway(**fields or {})
    answer = {
        "gateways": [SEEN | {"parts": parts(item)} | seen],
        "orphans": [{"gateway": "old", "unit": "old.service"}],
    }
    return row(item, answer, None)


def test_a_row_says_all_that_programs_ask_for() -> None:
    """The keys are what the reference page promises."""
    found = shown()
    keys = (
        "bind",
        "tailscale",
        "foreignListeners",
        "orphanUnits",
        "previousRelease",
        "tokenFingerprint",
        "live",
        "unit",
    )
    assert [key for key in keys if key not in found] == []
    assert (found["bind"], found["tailscale"], found["drift"]) == ("loopback", "off", [])
    assert len(cells(found)) == len(HEADS)
    assert more_cells(found) == ("openclaw-gateway-ops.service", "yes", "0badf00d", "-")
    assert len(MORE_HEADS) == 4
    assert orphans([found]) == {"edge": ["old (old.service)"]}


@pytest.mark.parametrize(
    ("enabled", "state", "ready", "is_fine", "drift"),
    [
        (True, "active/running", True, True, []),
        (True, "inactive/dead", None, False, []),
        (False, "inactive/dead", None, True, []),
        (False, "active/running", True, True, ["not disabled"]),
    ],
)
def test_a_gateway_that_is_kept_stopped_is_no_fault(
    enabled: bool, state: str, ready: bool | None, is_fine: bool, drift: list[str]
) -> None:
    """One that should run and does not is; one that should not and does differs."""
    found = shown({"enabled": enabled}, state=state, ready=ready)
    assert (is_well(found), found["drift"]) == (is_fine, drift)


def test_a_host_that_does_not_answer_is_unknown() -> None:
    """Never good news."""
    found = row(gateway(), HostFailedError("edge", "connect", "no route", "try"), None)
    assert not is_well(found)
    assert cells(found)[2:5] == ("unknown", "unknown", "unknown")


def test_equal_tokens_have_equal_fingerprints_in_one_look(tmp_path: Path) -> None:
    """And tell nothing of the token; the next look has another key."""
    specs = []
    for name, token in (("a", "'same'"), ("b", "same"), ("c", "other")):
        env = tmp_path / name
        env.write_text(f"A=1\nOPENCLAW_GATEWAY_TOKEN={token}\n")
        specs.append({"user": "root", "env": str(env)})
    one, two, three = (survey.token_fingerprint(spec, "key") for spec in specs)
    assert one == two != three and one is not None and len(one) == 8
    assert survey.token_fingerprint(specs[0], "another") != one
    assert survey.token_fingerprint({"user": "root", "env": str(tmp_path / "none")}, "key") is None


def test_a_gateway_of_no_fleet_file_is_named_with_its_unit(tmp_path: Path) -> None:
    """Also one whose last deploy broke off before it had one."""
    (tmp_path / "applied.json").write_text(
        '{"applied": "x", "files": [["/etc/systemd/system/x.service", "root", "644"]]}'
    )
    assert survey.orphan(tmp_path)["unit"] == "x.service"
    (tmp_path / "applied.json").unlink()
    assert survey.orphan(tmp_path) == {"gateway": tmp_path.name, "unit": "unknown"}
