"""Who owns what of a deployed gateway: its config, its `.env`, whether it runs, its state across releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.fleets import Fleet
from tests.deploy.releases import release
from wheelhouse import read_wheelhouse

pytestmark = pytest.mark.docker

STATE = "/home/openclaw/.openclaw-ops"
BY_HAND = """
set -e
useradd -m -s /bin/bash ada && loginctl enable-linger ada
until [ -S /run/user/$(id -u ada)/bus ]; do sleep 0.1; done
hand() { runuser -u ada -- env XDG_RUNTIME_DIR=/run/user/$(id -u ada) HOME=/home/ada "$@"; }
cd /home/ada
hand /usr/local/bin/openclaw --profile hand gateway install --port 19500
hand sh -c 'echo OTHER_KEY=other >> .openclaw-hand/.env'
sed -i '/^Environment=HOME/a Environment=UNIT_KEY=unit' .config/systemd/user/openclaw-gateway-hand.service
hand systemctl --user daemon-reload
hand systemctl --user restart openclaw-gateway-hand
"""


def test_a_gateway_is_managed_stopped_started_and_stopped_for_good(fleet: Fleet) -> None:
    """Its config is the fleet's alone; what somebody put into `.env` is told by name; `disabled` is no fault."""
    fleet.inside("edge-2", "sh", "-c", f"echo GONE_KEY=x >> {STATE}/.env")
    fleet.tree["hosts"]["edge-2"]["gateways"]["ops"] = {"configMode": "managed"}
    fleet.tree["hosts"]["edge-2"]["gateways"]["default"] = {"enabled": False}
    done = fleet.openclaw("deploy", "--limit", "edge-2")
    assert done.code == 0, done.stderr
    assert "edge-2/ops: .env: dropped GONE_KEY, not in the fleet file" in done.stderr
    assert "edge-2/default: stopped, as the fleet file says" in done.stderr
    refused = fleet.openclaw("exec", "--limit", "edge-2/ops", "--", "config", "set", "logging.level", "debug")
    assert (refused.code != 0, "The config is read-only" in refused.stderr) == (True, True)

    assert fleet.openclaw("stop", "--limit", "edge-2/ops").code == 0
    rows = {row["gateway"]: row["state"] for row in fleet.status() if row["host"] == "edge-2"}
    assert rows == {"default": "disabled", "ops": "inactive/dead"}
    started = fleet.openclaw("start", "--limit", "edge-2")
    assert (started.code, "edge-2/default: left alone" in started.stderr) == (0, True)
    assert fleet.openclaw("status", "--limit", "edge-2").code == 0
    assert fleet.openclaw("restart", "--limit", "edge-2/default").code == 1


@pytest.mark.full
def test_a_release_that_changed_the_state_is_taken_back_with_it(fleet: Fleet, tmp_path: Path, wheelhouse: Path) -> None:
    """The older release refuses what the newer one made of it; its own is put back, with what was in it."""
    newer = release(wheelhouse, tmp_path / "wheels", "0.4.0", "newer schema")
    say = ("exec", "--limit", "edge-2/ops", "--", "agent", "--message", "remember", "--session-key")
    assert fleet.openclaw(*say, "kept").code == 0
    fleet.tree["rollout"] |= {"smoke": {"message": "hello", "expect": "impossible"}, "autoRestoreState": True}
    failed = fleet.openclaw("deploy", "--limit", "edge-2/ops", wheelhouse=newer)
    assert failed.code == 5, failed.stderr
    assert "gate failed at smoke" in failed.stderr
    assert f"runs {read_wheelhouse(wheelhouse).release} again, with its state of before" in failed.stderr
    sessions = fleet.openclaw("exec", "--limit", "edge-2/ops", "--", "sessions", "list")
    assert "kept" in sessions.stdout
    assert fleet.openclaw("drift", "--limit", "edge-2/ops").code == 0
    assert {row["version"] for row in fleet.status()} == {"0.1.0"}


@pytest.mark.full
def test_a_rollback_brings_the_state_of_before_when_it_is_asked_to(
    fleet: Fleet, tmp_path: Path, wheelhouse: Path
) -> None:
    """Code alone fails, and the newer release runs on; then both go back."""
    newer = release(wheelhouse, tmp_path / "wheels", "0.4.1", "newer schema")
    assert fleet.openclaw("deploy", "--limit", "edge-2/ops", wheelhouse=newer).code == 0
    back = fleet.openclaw("rollback", "--limit", "edge-2/ops")
    assert (back.code, "--restore-state" in back.stderr) == (1, True)
    assert {row["version"] for row in fleet.status() if row["gateway"] == "ops"} == {"0.1.0", "0.4.1"}
    back = fleet.openclaw("rollback", "--restore-state", "--limit", "edge-2/ops")
    assert back.code == 0, back.stderr
    assert {row["version"] for row in fleet.status()} == {"0.1.0"}
    assert fleet.openclaw("deploy", "--limit", "edge-2").code == 0


@pytest.mark.full
def test_a_gateway_that_was_installed_by_hand_becomes_the_fleets(fleet: Fleet) -> None:
    """Refused until the file says so; then copies are kept, and variables of `.env` and unit live on."""
    fleet.inside("edge-1", "bash", "-s", stdin=BY_HAND)
    mine = {"osUser": "ada", "port": 19500}
    fleet.tree["hosts"]["edge-1"]["gateways"]["hand"] = mine
    refused = fleet.openclaw("deploy", "--limit", "edge-1/hand")
    assert (refused.code, "adopt: true" in refused.stderr) == (1, True)
    fleet.tree["hosts"]["edge-1"]["gateways"]["hand"] = mine | {"adopt": True}
    done = fleet.openclaw("deploy", "--limit", "edge-1/hand")
    assert done.code == 0, done.stderr
    assert "edge-1/hand: .env: kept OTHER_KEY, UNIT_KEY, not in the fleet file" in done.stderr
    env = fleet.inside("edge-1", "cat", "/home/ada/.openclaw-hand/.env")
    assert "OTHER_KEY=other" in env and "UNIT_KEY='unit'" in env and fleet.tokens()["edge-1/hand"] in env
    copies = fleet.inside("edge-1", "ls", "-A", "/home/ada/.openclaw-hand/before-fleet").split()
    assert copies == [".env", "openclaw-gateway-hand.service", "openclaw.json"]
    assert fleet.openclaw("drift", "--limit", "edge-1").code == 0
    assert fleet.openclaw("uninstall", "--purge", "--yes", "--limit", "edge-1/hand").code == 0
