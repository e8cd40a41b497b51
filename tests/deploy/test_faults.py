"""What goes wrong between the operator and a gateway: told with host, step, cause and cure, and never half done."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.faults import complaint, cut_after, small_disk, tree
from tests.deploy.fleets import Fleet

pytestmark = pytest.mark.docker

PASSWORD = "correct horse 'battery\" staple"
RIGHTS = {
    "none": "",
    "with a password": "deploy ALL=(ALL) ALL",
    "free": "deploy ALL=(ALL) NOPASSWD:ALL",
}


@pytest.fixture
def sudoers(fleet: Fleet) -> Iterator[Any]:
    """Gives the login of edge-2 other rights for a while."""

    def give(rights: str) -> None:
        script = f"cat > /etc/sudoers.d/deploy; echo 'deploy:{'%s'}' | chpasswd"
        quoted = PASSWORD.replace("'", "'\\''")
        fleet.inside("edge-2", "sh", "-c", script % quoted, stdin=RIGHTS[rights] + "\n")

    yield give
    fleet.tree["hosts"]["edge-2"]["connect"].pop("sudoPassword", None)
    give("free")


@pytest.mark.parametrize(
    ("rights", "given", "told"),
    [
        ("none", None, ("a password is required", "connect.sudoPassword")),
        ("none", PASSWORD, ("deploy is not in the sudoers file", "give deploy the right to use sudo")),
        ("with a password", None, ("a password is required", "connect.sudoPassword")),
        ("with a password", "wrong", ("1 incorrect password attempt", "correct what connect.sudoPassword refers to")),
    ],
)
def test_a_login_that_may_not_become_root(
    fleet: Fleet, sudoers: Any, rights: str, given: str | None, told: tuple[str, str]
) -> None:
    """Nothing is touched."""
    sudoers(rights)
    if given:
        fleet.tree["hosts"]["edge-2"]["connect"]["sudoPassword"] = "env:SUDO_OF_EDGE_2"
    before = tree(fleet, "edge-2")
    done = fleet.openclaw("deploy", "--limit", "edge-2", SUDO_OF_EDGE_2=given or "")
    step, cause, cure = complaint(done, "edge-2")
    assert (step, told[0] in cause, told[1] in cure) == ("sudo", True, True), done.stderr
    assert given is None or given not in done.stderr + done.stdout
    assert tree(fleet, "edge-2") == before


def test_sudo_with_its_password(fleet: Fleet, sudoers: Any) -> None:
    """Deploys, answers and passes input on; the password is asked for once the shell of the operator has it."""
    sudoers("with a password")
    fleet.tree["hosts"]["edge-2"]["connect"]["sudoPassword"] = "env:SUDO_OF_EDGE_2"
    fleet.tree["hosts"]["edge-2"]["gateways"]["ops"] = {"env": {"MARK": "sudo"}}
    missing = fleet.openclaw("deploy", "--limit", "edge-2")
    assert (missing.code, "export SUDO_OF_EDGE_2" in missing.stderr) == (3, True)
    done = fleet.openclaw("deploy", "--limit", "edge-2", SUDO_OF_EDGE_2=PASSWORD)
    assert done.code == 0, done.stderr
    assert "edge-2/ops: ready" in done.stderr
    words = ("exec", "--limit", "edge-2/ops", "--", "gateway", "call", "health")
    assert '"ok": true' in fleet.openclaw(*words, SUDO_OF_EDGE_2=PASSWORD).stdout
    assert fleet.openclaw("drift", "--limit", "edge-2", SUDO_OF_EDGE_2=PASSWORD).code == 0


@pytest.mark.parametrize(
    ("gateway", "cause", "cure"),
    [
        ({"config": {"agents": {"defaults": {"sandbox": {"mode": "all"}}}}}, "Docker", "docker: {install: true}"),
        ({"port": 22000}, "port 22000 is held by pid", "stop it, or choose another port"),
    ],
)
def test_a_host_that_lacks_something(fleet: Fleet, gateway: dict[str, Any], cause: str, cure: str) -> None:
    """Found before anything is written; what runs there runs on."""
    stranger = ["docker", "exec", fleet.hosts["edge-2"].container, "python3", "-m", "http.server", "22000"]
    before = tree(fleet, "edge-2")
    fleet.tree["hosts"]["edge-2"]["gateways"]["ops"] = gateway
    with subprocess.Popen(stranger, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        fleet.wait_for("edge-2", "grep -q ':55F0 ' /proc/net/tcp")
        done = fleet.openclaw("deploy", "--limit", "edge-2")
        fleet.inside("edge-2", "pkill", "-f", "http.server 22000")
        process.wait()
    step, said, helps = complaint(done, "edge-2")
    assert (step, cause in said, cure in said) == ("checks", True, True), done.stderr
    assert helps.startswith("nothing was written")
    assert tree(fleet, "edge-2") == before


def test_a_secret_that_cannot_be_had(fleet: Fleet) -> None:
    """Exit code 3, and no host was contacted."""
    fleet.tree["hosts"]["edge-2"]["gateways"]["ops"] = {"secrets": {"A_KEY": "file:nowhere.env#A_KEY"}}
    done = fleet.openclaw("deploy", "--limit", "edge-2")
    assert done.code == 3
    assert "edge-2/ops: A_KEY: file:nowhere.env#A_KEY:" in done.stderr
    assert "nowhere.env does not exist\n    create it, mode 0600" in done.stderr


def test_a_disk_that_is_full_when_the_secrets_are_written(fleet: Fleet) -> None:
    """The gateway runs on with those that it has; with room again, the next run finishes."""
    small_disk(fleet, "edge-2", "/srv/small", 100_000)
    ops = {"stateDir": "/srv/small/ops", "secrets": {"A_KEY": "env:A_KEY_OF_OPS"}}
    fleet.tree["hosts"]["edge-2"]["gateways"] = {"small": ops}
    limit = ("--limit", "edge-2/small")
    assert fleet.openclaw("deploy", *limit, A_KEY_OF_OPS="first value").code == 0
    (pid,) = [row["pid"] for row in fleet.openclaw("status", *limit, "--json").document["gateways"]]
    small_disk(fleet, "edge-2", "/srv/small", 0)
    step, cause, cure = complaint(fleet.openclaw("deploy", *limit, A_KEY_OF_OPS="other value"), "edge-2")
    assert (step, "No space left on device" in cause) == ("gateway small: .env", True)
    assert cure.startswith("make room on the host")
    assert fleet.inside("edge-2", "ls", "-A", "/srv/small/ops").count(".env") == 1
    (row,) = fleet.openclaw("status", *limit, "--json").document["gateways"]
    assert (row["ready"], row["pid"]) == (True, pid)
    small_disk(fleet, "edge-2", "/srv/small", 100_000)
    assert fleet.openclaw("deploy", *limit, A_KEY_OF_OPS="other value").code == 0
    assert "other value" in fleet.inside("edge-2", "cat", "/srv/small/ops/.env")
    assert fleet.openclaw("uninstall", *limit, "--purge", "--yes").code == 0
    fleet.inside("edge-2", "umount", "/srv/small")


def test_a_connection_that_ends_between_config_and_restart(fleet: Fleet) -> None:
    """The gateway runs on as it was; the same command again restarts it."""
    fleet.tree["hosts"]["edge-2"]["gateways"]["ops"] = {"config": {"logging": {"level": "debug"}}, "env": {"M": "cut"}}
    before = {row["gateway"]: row["pid"] for row in fleet.status() if row["host"] == "edge-2"}
    step, cause, cure = complaint(cut_after(fleet, "edge-2", "cp", "deploy", "--limit", "edge-2"), "edge-2")
    assert (step, "once the host answers" in cure) == ("gateway ops: openclaw.json", True), cause
    assert "debug" in fleet.inside("edge-2", "cat", "/home/openclaw/.openclaw-ops/openclaw.json")
    now = {row["gateway"]: row["pid"] for row in fleet.status() if row["host"] == "edge-2"}
    assert now == before
    made_up = fleet.openclaw("deploy", "--limit", "edge-2")
    assert made_up.code == 0, made_up.stderr
    after = {row["gateway"]: row["pid"] for row in fleet.status() if row["host"] == "edge-2"}
    assert (after["default"], after["ops"] == before["ops"]) == (before["default"], False)
