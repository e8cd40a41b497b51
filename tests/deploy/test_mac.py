"""A fleet with a Mac, as far as a container can play one: agents of its login user, over ssh, without root."""

from __future__ import annotations

import copy
import json
import plistlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.fleets import Fleet, example_hosts, remove
from tests.fakes.darwin import host as darwin

pytestmark = pytest.mark.docker

AGENTS = "/Users/ada/Library/LaunchAgents"
LISTING = (
    "/opt/real/find / -xdev -not -path '/proc/*' -not -path '/sys/*' -not -path '/var/launchd/*' "
    "-not -path '/opt/homebrew/*' -not -path '/run/*' | sort"
)


@pytest.fixture(scope="module")
def macs(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Iterator[Fleet]:
    """One Mac on which nothing was ever deployed, without Python and without sudo; two gateways in the fleet file."""
    hosts, directory = example_hosts(), tmp_path_factory.mktemp("macs")
    darwin.build_image(hosts)
    keys = hosts.Keys(directory / "keys")
    keys.make()
    made = darwin.start_host(hosts, keys)
    spec = {"os": "darwin", "connect": made.connect(keys), "gateways": {"default": {}, "ops": {}}}
    fleet = Fleet(directory, wheelhouse, hosts={"mini": made})
    fleet.tree = {"version": 1, "rollout": {"gateTimeoutS": 120}, "hosts": {"mini": spec}}
    fleet.before = made.run("sh", "-c", LISTING)  # type: ignore[attr-defined]
    yield fleet
    remove(fleet)


@pytest.fixture(scope="module")
def deployed(macs: Fleet) -> Fleet:
    """The first deploy."""
    done = macs.openclaw("deploy")
    assert done.code == 0, done.stdout + done.stderr
    return macs


@pytest.fixture
def fleet(deployed: Fleet) -> Iterator[Fleet]:
    """The deployed fleet; afterwards its file and its host are as they were."""
    tree = copy.deepcopy(deployed.tree)
    yield deployed
    switches("rm -f no-gui no-bootstrap busy booting-out")
    if deployed.tree != tree:
        deployed.tree = tree
        done = deployed.openclaw("deploy")
        assert done.code == 0, done.stdout + done.stderr


HOST: list[darwin.DarwinHost] = []


def mac(fleet: Fleet) -> darwin.DarwinHost:
    host: darwin.DarwinHost = fleet.hosts["mini"]
    HOST[:] = [host]
    return host


def switches(script: str) -> None:
    """Tells the host's launchd how to behave."""
    for host in HOST:
        host.as_ada(f"cd {darwin.LAUNCHD} && {script}")


def one(fleet: Fleet, name: str = "ops") -> dict[str, Any]:
    """The row of a gateway in the status table."""
    return next(row for row in fleet.status() if row["gateway"] == name)


def is_loaded(fleet: Fleet, domain: str = "gui", label: str = "ai.openclaw.ops") -> bool:
    return "state = running" in mac(fleet).as_ada(f"launchctl print {domain}/501/{label}", check=False)


def test_agents_run_from_one_command_and_the_second_changes_nothing(fleet: Fleet) -> None:
    """Labels, files and modes are those of macOS; no secret is in what others can read; nothing is root's."""
    host = mac(fleet)
    assert is_loaded(fleet) and is_loaded(fleet, label="ai.openclaw.gateway")
    again = fleet.openclaw("deploy", "--json")
    assert (again.code, [row["state"] for row in again.document["hosts"]]) == (0, ["unchanged"])
    assert fleet.openclaw("drift").code == 0
    text = host.as_ada(f"plutil -lint {AGENTS}/ai.openclaw.ops.plist >&2 && cat {AGENTS}/ai.openclaw.ops.plist")
    table = plistlib.loads(text.encode())
    assert (table["Umask"], table["KeepAlive"], table["ExitTimeOut"]) == (63, True, 20)
    assert table["ProgramArguments"][0] == "/Users/ada/.clawfleet/instances/ops/current/bin/openclaw"
    assert table["StandardOutPath"] == "/Users/ada/Library/Logs/openclaw/gateway-ops.log"
    assert not any(token in text for token in fleet.tokens().values())
    modes = host.as_ada(
        f"for p in .openclaw-ops .openclaw-ops/.env .openclaw-ops/openclaw.json {AGENTS}/ai.openclaw.ops.plist "
        ".clawfleet/records/ops; do stat -f '%Lp %Su' $p; done"
    )
    assert modes.splitlines() == ["700 ada", "600 ada", "600 ada", "644 ada", "700 ada"]
    assert host.run("sh", "-c", "/opt/real/find /Users/ada -user root") == ""


@pytest.mark.full
def test_verbs_of_the_second_day_work_as_on_other_hosts(fleet: Fleet, tmp_path: Path) -> None:
    """Restart, rollback of what never was, logs, exec, backup and restore."""
    before = one(fleet)
    assert (before["state"], before["ready"], before["drift"]) == ("active/running", True, [])
    assert before["memoryBytes"] > 2**20 and before["uptimeS"] is not None and before["memoryMaxBytes"] is None
    assert fleet.openclaw("restart", "--limit", "mini/ops").code == 0
    after = one(fleet)
    assert after["pid"] != before["pid"] and after["restarts"] == 0
    assert "ready: http" in fleet.openclaw("logs", "--limit", "mini/ops").stdout
    said = fleet.openclaw("exec", "--limit", "mini/ops", "--", "agent", "--session-key", "agent:main:kept", "-m", "43!")
    assert said.code == 0, said.stderr
    assert fleet.openclaw("backup", "--limit", "mini/ops", "--pull", str(tmp_path)).code == 0
    (archive,) = (tmp_path / "mini" / "ops").glob("*-openclaw-backup.tar.gz")
    restored = fleet.openclaw("restore", str(archive), "--limit", "mini/default")
    assert restored.code == 0, restored.stderr
    params = json.dumps({"sessionKey": "agent:main:kept"})
    words = ("gateway", "call", "chat.history", "--params", params)
    assert "43!" in fleet.openclaw("exec", "--limit", "mini/default", "--", *words).stdout
    assert fleet.openclaw("drift").code == 0


def test_an_agent_that_lies_there_and_is_not_loaded_is_seen_and_healed(fleet: Fleet) -> None:
    """Also one that somebody stopped for good, with the gateway's own command."""
    host = mac(fleet)
    host.as_ada("launchctl bootout gui/501/ai.openclaw.ops")
    assert one(fleet)["state"] == "inactive/not loaded"
    drift = fleet.openclaw("drift")
    assert (drift.code, "running" in drift.stdout) == (2, True)
    assert fleet.openclaw("deploy").code == 0 and is_loaded(fleet)

    host.as_ada(".local/bin/openclaw --profile ops gateway stop --disable --force")
    assert one(fleet)["state"] == "inactive/disabled"
    assert fleet.openclaw("status").code == 2
    assert fleet.openclaw("drift").code == 2
    assert fleet.openclaw("deploy").code == 0 and is_loaded(fleet)
    assert "disabled" not in host.as_ada("launchctl print-disabled gui/501 | grep ops || true")


@pytest.mark.full
@pytest.mark.parametrize("switch", ["touch no-gui", "touch no-bootstrap"])
def test_without_a_screen_the_agent_is_loaded_into_the_users_domain(fleet: Fleet, switch: str) -> None:
    """Code 125, whether launchd says so when it is asked or when it shall load something."""
    host = mac(fleet)
    for name in ("gateway", "ops"):  # what a user who logs out at the screen leaves
        host.as_ada(f"launchctl bootout gui/501/ai.openclaw.{name}")
    switches(switch)
    done = fleet.openclaw("deploy")
    assert done.code == 0, done.stderr
    assert is_loaded(fleet, "user") and one(fleet)["ready"]
    switches("rm -f no-gui no-bootstrap")
    assert fleet.openclaw("restart").code == 0
    assert is_loaded(fleet)
    assert not is_loaded(fleet, "user")


@pytest.mark.full
def test_a_changed_agent_is_loaded_in_the_end_though_launchd_is_busy(fleet: Fleet) -> None:
    """Codes 5 and 37 right after a bootout."""
    mac(fleet)
    fleet.tree["hosts"]["mini"]["gateways"]["ops"] = {"env": {"MARK": "a & b < c"}}
    switches("echo 2 > busy && echo 1 > booting-out")
    done = fleet.openclaw("deploy", "--limit", "mini/ops")
    assert done.code == 0, done.stderr
    assert is_loaded(fleet)
    calls = mac(fleet).as_ada(f"grep -c 'bootstrap gui/501 {AGENTS}/ai.openclaw.ops' {darwin.LAUNCHD}/calls")
    assert int(calls) >= 4


@pytest.mark.full
def test_backups_by_the_clock_and_tunnels_are_jobs_of_launchd(fleet: Fleet) -> None:
    """Gone again with their key in the fleet file; a tunnel of former days too."""
    host, spec = mac(fleet), fleet.tree["hosts"]["mini"]
    stale = f"{AGENTS}/com.openclaw.ssh-tunnel.plist"
    host.as_ada(f"sed s/ai.openclaw.ops/com.openclaw.ssh-tunnel/ {AGENTS}/ai.openclaw.ops.plist > {stale}")
    spec["gateways"]["ops"] = {"backup": {"at": "03:30", "keep": 2}}
    spec["tunnels"] = {"far": {"hostname": "127.0.0.1", "key": "~/.ssh/none", "localPort": 20001, "remotePort": 22}}
    done = fleet.openclaw("deploy")
    assert done.code == 0, done.stderr
    assert fleet.openclaw("drift").code == 0
    tunnel = plistlib.loads(host.as_ada(f"cat {AGENTS}/ai.openclaw.ssh-tunnel.far.plist").encode())
    assert tunnel["ProgramArguments"][0] == "/usr/bin/ssh" and "ExitOnForwardFailure=yes" in tunnel["ProgramArguments"]
    assert "com.openclaw" not in host.as_ada(f"ls {AGENTS}")
    host.as_ada("launchctl kickstart gui/501/ai.clawfleet.backup.ops")
    fleet.wait_for("mini", "ls /Users/ada/.clawfleet/backups/ops/*-workspace.tar.gz")
    del spec["gateways"]["ops"]["backup"], spec["tunnels"]
    assert fleet.openclaw("deploy").code == 0
    assert sorted(host.as_ada(f"ls {AGENTS}").split()) == ["ai.openclaw.gateway.plist", "ai.openclaw.ops.plist"]


def test_uninstall_leaves_what_was_there_before(macs: Fleet, deployed: Fleet) -> None:
    """To the last file, and nothing in launchd."""
    host = mac(macs)
    assert macs.openclaw("uninstall", "--purge", "--yes").code == 0
    assert host.run("sh", "-c", LISTING) == macs.before  # type: ignore[attr-defined]
    assert not host.run("sh", "-c", f"ls {darwin.LAUNCHD} | grep job || true")
