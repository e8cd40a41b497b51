"""After the first deploy: backups, another host, gateways that go, and what nobody may see meanwhile."""

from __future__ import annotations

import copy
import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.fleets import Fleet, example_hosts

pytestmark = pytest.mark.docker

LISTING = (
    "find / -xdev -not -path '/proc/*' -not -path '/sys/*' -not -path '/run/*' -not -path '/tmp/systemd*' "
    "-not -path '/var/log/journal/*' -not -path '/var/lib/systemd/*' "
    "-not -path '/var/tmp/systemd*' -not -path '/var/backups/dpkg*' | sort"
)


@pytest.fixture
def third(fleet: Fleet) -> Iterator[str]:
    """A fresh host in the same fleet, with the same two gateways in the file; nothing is deployed to it yet."""
    module = example_hosts()
    keys = module.Keys(fleet.directory / "keys")
    host = module.start_host(f"clawfleet-test-{uuid.uuid4().hex[:8]}-edge-3", keys)
    fleet.hosts["edge-3"] = host
    spec = copy.deepcopy(fleet.tree["hosts"]["edge-1"])
    spec["connect"]["port"] = host.ssh_port
    fleet.tree["hosts"]["edge-3"] = spec
    yield "edge-3"
    del fleet.tree["hosts"]["edge-3"]
    del fleet.hosts["edge-3"]
    subprocess.run(["docker", "rm", "--force", host.container], capture_output=True, check=False)


def history(fleet: Fleet, gateway: str) -> str:
    """What was said in the session `kept`."""
    params = json.dumps({"sessionKey": "agent:main:kept"})
    return fleet.openclaw(
        "exec", "--limit", gateway, "--", "gateway", "call", "chat.history", "--params", params
    ).stdout


def test_a_host_is_lost_and_its_gateway_lives_on_elsewhere_without_residue(
    fleet: Fleet, third: str, tmp_path: Path
) -> None:
    """Deployed, backed up, removed to the last file; the archive gives another gateway its sessions and workspace."""
    before = fleet.inside(third, "sh", "-c", LISTING)
    assert fleet.openclaw("deploy", "--limit", third).code == 0
    said = fleet.openclaw(
        "exec", "--limit", f"{third}/ops", "--", "agent", "--session-key", "agent:main:kept", "-m", "43!"
    )
    assert said.code == 0, said.stderr
    note = "/home/openclaw/.openclaw-ops/workspace/note.md"
    fleet.inside(third, "runuser", "-u", "openclaw", "--", "sh", "-c", f"cd / && echo ours > {note}")
    made = fleet.openclaw("backup", "--limit", f"{third}/ops", "--pull", str(tmp_path), "--json")
    assert made.code == 0, made.stderr
    (archive,) = (tmp_path / third / "ops").glob("*-openclaw-backup.tar.gz")
    assert archive.stat().st_mode & 0o777 == 0o600
    shelf = "/var/backups/clawfleet/ops"
    assert fleet.inside(third, "sh", "-c", f"stat -c '%a %U' {shelf} {shelf}/*").split() == [
        "700",
        "root",
        *["600", "root"] * 2,
    ]

    kept = fleet.openclaw("uninstall", "--limit", f"{third}/ops", "--yes")
    assert (kept.code, "stays: /home/openclaw/.openclaw-ops" in kept.stderr) == (0, True)
    assert fleet.openclaw("status", "--limit", f"{third}/default").code == 0
    assert fleet.openclaw("deploy", "--limit", f"{third}/ops").code == 0
    assert "43!" in history(fleet, f"{third}/ops")
    assert fleet.openclaw("uninstall", "--limit", third, "--purge", "--yes").code == 0
    assert fleet.inside(third, "sh", "-c", LISTING) == before

    (tmp_path / "bad-openclaw-backup.tar.gz").write_text("damaged")
    refused = fleet.openclaw("restore", str(tmp_path / "bad-openclaw-backup.tar.gz"), "--limit", "edge-2/ops")
    assert (refused.code, "not a gzip file" in refused.stderr) == (1, True)
    restored = fleet.openclaw("restore", str(archive), "--limit", "edge-2/ops")
    assert restored.code == 0, restored.stderr
    assert "43!" in history(fleet, "edge-2/ops")
    assert fleet.inside("edge-2", "cat", note) == "ours"
    assert fleet.openclaw("drift", "--limit", "edge-2").code == 0


def test_nobody_is_asked_and_nothing_removed_without_a_yes(fleet: Fleet) -> None:
    """A script that forgot --yes changes nothing."""
    done = fleet.openclaw("uninstall", "--limit", "edge-1/ops")
    assert (done.code, "say it with --yes" in done.stderr) == (1, True)
    assert fleet.openclaw("status", "--limit", "edge-1/ops").code == 0


def test_no_secret_is_in_anything_that_a_deploy_prints(fleet: Fleet) -> None:
    """Nor in the host's audit log, nor in its stamps."""
    fleet.tree["hosts"]["edge-1"]["gateways"]["ops"] = {"env": {"MARK": "3"}}
    done = fleet.openclaw("deploy", "--json")
    assert done.code == 0, done.stderr
    seen = done.stdout + done.stderr + fleet.openclaw("status", "--json").stdout
    for host in ("edge-1", "edge-2"):
        seen += fleet.inside(host, "sh", "-c", "cat /var/log/clawfleet/audit.log /etc/clawfleet/*/applied.json")
        assert fleet.inside(host, "stat", "-c", "%a %U %G", "/var/log/clawfleet/audit.log") == "640 root adm"
    for token in fleet.tokens().values():
        assert token not in seen
