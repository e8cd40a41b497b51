"""What the task of one gateway decides before it acts."""

from __future__ import annotations

from rendered import fingerprint, unit_text
from shell import Target
from tasks.gateway import unit_target
from tests.unit.deploy.recipes import gateway
from tests.unit.fleet.fleets import instances_of


def test_the_unit_runs_the_gateways_own_link() -> None:
    """Each gateway can be moved to another release alone."""
    lines = unit_text(gateway(memoryMax="512M", stopTimeoutS=60, env={"TZ": "UTC"})).splitlines()
    assert "ExecStart=/opt/clawfleet/instances/ops/current/bin/openclaw gateway --port 18789" in lines
    assert "MemoryMax=512M" in lines
    assert "TimeoutStopSec=60" in lines
    assert "Environment=TZ=UTC" in lines
    assert "Environment=OPENCLAW_STATE_DIR=/home/openclaw/.openclaw-ops" in lines


def test_the_unnamed_profile_sets_none() -> None:
    """Its gateway must not look for a profile called default."""
    (item,) = instances_of(edge={"default": {}})
    assert "OPENCLAW_PROFILE" not in unit_text(item)


def test_user_units_are_the_users_own() -> None:
    """Mode 0600 as the command line writes them."""
    assert unit_target(gateway()) == Target(
        "/home/openclaw/.config/systemd/user/openclaw-gateway-ops.service", "openclaw", "600"
    )


def test_the_fingerprint_covers_every_part() -> None:
    """A change of config, secrets, unit or release alone means a restart."""
    base = ("config", "env", "unit", "release")
    seen = {fingerprint(*base)} | {fingerprint(*base[:i], "x", *base[i + 1 :]) for i in range(4)}
    assert len(seen) == 5
    assert fingerprint("a", "bc") != fingerprint("ab", "c")
