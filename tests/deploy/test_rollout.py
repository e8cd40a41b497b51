"""A fleet is upgraded, taken back, and never left with a release that does not work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy import isolation
from tests.deploy.fleets import Fleet, finished
from tests.deploy.releases import release
from wheelhouse import read_wheelhouse

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """The next release."""
    return release(wheelhouse, tmp_path_factory.mktemp("newer") / "wheels", "0.2.0")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """A release that ends at once."""
    return release(wheelhouse, tmp_path_factory.mktemp("broken") / "wheels", "0.3.0", "exits")


def pids(fleet: Fleet) -> dict[str, int]:
    """`host/gateway` → pid."""
    return {f"{row['host']}/{row['gateway']}": row["pid"] for row in fleet.status()}


def test_a_broken_release_stops_at_the_first_gateway_which_runs_as_before_again(fleet: Fleet, broken: Path) -> None:
    """Exit code 5; the gateways after it were not touched, and the fleet is whole."""
    fleet.write()
    before = pids(fleet)
    failed = fleet.openclaw("deploy", "--json", wheelhouse=broken)
    assert failed.code == 5, failed.stderr
    assert "edge-1/default: gate failed at unit" in failed.stderr
    assert "last exit 78" in failed.stderr
    assert "edge-1/default runs 0.1.0-" in failed.stderr
    assert [row["state"] for row in failed.document["hosts"]] == ["rolled back", "untouched"]
    after = pids(fleet)
    assert {name for name in before if after[name] != before[name]} == {"edge-1/default"}
    assert {row["version"] for row in fleet.status()} == {"0.1.0"}
    # The file and link are as before too: nothing is left to be made up for.
    assert fleet.openclaw("drift").code == 0


def test_an_upgrade_goes_through_every_gateway_and_can_be_taken_back(
    fleet: Fleet, newer: Path, wheelhouse: Path
) -> None:
    """Sorted, one after the other; the release before is still there."""
    upgraded = fleet.openclaw("deploy", wheelhouse=newer)
    assert upgraded.code == 0, upgraded.stderr
    ready = [line.split(":")[0] for line in upgraded.stderr.splitlines() if ": ready on port" in line]
    assert ready == ["edge-1/default", "edge-1/ops", "edge-2/default", "edge-2/ops"]
    assert {row["version"] for row in fleet.status()} == {"0.2.0"}

    back = fleet.openclaw("rollback", "--limit", "edge-2")
    assert back.code == 0, back.stderr
    assert [row["version"] for row in fleet.status()] == ["0.2.0", "0.2.0", "0.1.0", "0.1.0"]
    drift = fleet.openclaw("drift", "--json", wheelhouse=newer)
    assert drift.code == 2
    changed = {change["gateway"] for host in drift.document["hosts"] for change in host["changes"]}
    assert changed == {"default", "ops"} and not drift.document["hosts"][0]["changes"]

    wrong = fleet.openclaw("rollback", "--limit", "edge-1/ops", "--to", "9.9.9-00000000")
    assert (wrong.code, "is not on the host" in wrong.stderr) == (1, True)
    assert fleet.openclaw("rollback", "--limit", "edge-1", "--to", read_wheelhouse(wheelhouse).release).code == 0
    assert {row["version"] for row in fleet.status()} == {"0.1.0"}
    assert fleet.openclaw("deploy").code == 0


@pytest.mark.parametrize("host", ["edge-1", "edge-2"])
def test_every_file_has_its_owner_and_mode(fleet: Fleet, host: str) -> None:
    """And nothing that gateways run from can be written by anybody but root."""
    assert fleet.openclaw("deploy").code == 0
    assert isolation.misplaced(fleet, host, isolation.placed(fleet, host)) == []


@pytest.mark.parametrize(
    "damage", ["unit", *(pytest.param(each, marks=pytest.mark.full) for each in ("mode", "stopped", "link"))]
)
def test_drift_names_the_gateway_and_a_deploy_heals_it(fleet: Fleet, damage: str) -> None:
    """Each alone: an edited unit, a .env that others can read, a stopped unit, a link that points elsewhere."""
    script = {
        "unit": "sed -i s/MemoryMax=1G/MemoryMax=2G/ /etc/systemd/system/openclaw-gateway-ops.service",
        "mode": "chmod 644 /home/openclaw/.openclaw-ops/.env",
        "stopped": "systemctl stop openclaw-gateway-ops",
        "link": "ln -sfn /opt/clawfleet/releases/none /opt/clawfleet/instances/ops/current",
    }[damage]
    fleet.inside("edge-2", "sh", "-c", script)
    drift = fleet.openclaw("drift", "--limit", "edge-2", "--json")
    assert drift.code == 2, drift.stderr
    changes = drift.document["hosts"][0]["changes"]
    assert {change["gateway"] for change in changes} == {"ops"}
    seen = fleet.openclaw("status", "--limit", "edge-2/ops", "--json")
    assert (seen.code == 2) if damage == "stopped" else seen.document["gateways"][0]["drift"]
    healed = fleet.openclaw("deploy", "--limit", "edge-2")
    assert healed.code == 0, healed.stderr
    assert fleet.openclaw("drift", "--limit", "edge-2").code == 0


def test_two_deploys_at_once_are_kept_apart(fleet: Fleet) -> None:
    """The second ends with 4 and names the holder; a lock whose time is over does not bar."""
    holder = {"id": "elsewhere:1:x", "by": "ada@laptop", "verb": "deploy", "since": 4e9}
    place = "/run/clawfleet-deploy"
    fleet.inside("edge-2", "sh", "-c", f"mkdir {place} && cat > {place}/holder.json", stdin=json.dumps(holder))
    second = fleet.openclaw("deploy")
    assert second.code == 4
    assert "edge-2 is locked by ada@laptop (deploy)" in second.stderr
    assert fleet.inside("edge-1", "sh", "-c", f"ls {place} 2>/dev/null || echo none") == "none"
    shown = fleet.openclaw("lock")
    assert (shown.code, "ada@laptop" in shown.stdout) == (4, True)
    fleet.inside("edge-2", "sh", "-c", f"cat > {place}/holder.json", stdin=json.dumps(holder | {"since": 0}))
    assert fleet.openclaw("restart", "--limit", "edge-2/ops").code == 0
    assert fleet.openclaw("lock").code == 0


@pytest.mark.full
def test_a_killed_deploy_is_made_up_for_by_the_next(fleet: Fleet) -> None:
    """Its lock does not bar the same machine, and the gateway is restarted once."""
    fleet.tree["hosts"]["edge-2"]["gateways"]["default"] = {"config": {"logging": {"level": "debug"}}}
    fleet.write()
    before = pids(fleet)
    process = fleet.begin("deploy", "--limit", "edge-2")
    config = "/home/openclaw/.openclaw/openclaw.json"
    fleet.wait_for("edge-2", f"grep -q debug {config}")
    process.kill()
    finished(process)
    made_up = fleet.openclaw("deploy", "--limit", "edge-2")
    assert made_up.code == 0, made_up.stderr
    after = pids(fleet)
    assert after["edge-2/default"] != before["edge-2/default"]
    assert fleet.openclaw("deploy", "--limit", "edge-2", "--json").document["hosts"][0]["state"] == "unchanged"
    assert pids(fleet) == after


def test_a_host_that_cannot_be_reached_does_not_hold_up_the_others(fleet: Fleet) -> None:
    """Each error says host, step, cause and what to try."""
    fleet.tree["hosts"]["gone"] = {
        "connect": {**fleet.tree["hosts"]["edge-1"]["connect"], "port": 1},
        "gateways": {"default": {}},
    }
    fleet.tree["hosts"]["edge-1"]["gateways"]["ops"] = {"env": {"MARK": "2"}}
    done = fleet.openclaw("deploy", "--json")
    assert done.code == 1
    assert {row["host"]: row["state"] for row in done.document["hosts"]} == {
        "edge-1": "changed",
        "edge-2": "unchanged",
        "gone": "failed",
    }
    assert "gone: connect:" in done.stderr
    assert "try: ssh -p 1 deploy@127.0.0.1" in done.stderr
    assert fleet.openclaw("status").code == 1


def test_a_typo_in_a_limit_is_an_error(fleet: Fleet) -> None:
    """Doing nothing must not look like success."""
    for verb in ("deploy", "drift", "status", "restart"):
        done = fleet.openclaw(verb, "--limit", "egde-1")
        assert (done.code, "did you mean edge-1?" in done.stderr) == (3, True)
