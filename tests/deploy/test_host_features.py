"""Firewall, ssh server, journal and updates of a real host; what locks everybody out comes back by itself."""

from __future__ import annotations

import json
import socket
import subprocess

import pytest

from tests.deploy.fleets import Fleet

pytestmark = pytest.mark.docker

DROP_IN = "/etc/ssh/sshd_config.d/60-openclaw.conf"
FEATURES = "/opt/clawfleet/lib/features.py"
ASKED = {
    "firewall": {"deadManS": 30, "open": {"web": {"port": 8081}}},
    "ssh": {"deadManS": 30, "allowUsers": ["ada"]},
    "journal": {"maxUse": "200M"},
    "updates": {},
}
FILES = (
    ("/etc/nftables.d/60-openclaw.nft", "600"),
    (DROP_IN, "600"),
    ("/etc/systemd/journald.conf.d/60-openclaw.conf", "644"),
    ("/etc/apt/apt.conf.d/52openclaw", "644"),
    ("/etc/needrestart/conf.d/60-openclaw.conf", "644"),
)


def can_log_in(fleet: Fleet, host: str) -> bool:
    """Whether the operator's ssh gets in."""
    connect = fleet.tree["hosts"][host]["connect"]
    options = ["-i", connect["key"], "-o", f"UserKnownHostsFile={connect['knownHosts']}", "-o", "BatchMode=yes"]
    line = ["ssh", "-p", str(connect["port"]), *options, f"{connect['user']}@{connect['hostname']}", "true"]
    return subprocess.run(line, capture_output=True, check=False, timeout=30).returncode == 0


def answers(fleet: Fleet, host: str, port: int) -> bool:
    """Whether a port of the host can be reached from this machine."""
    container = fleet.hosts[host].container
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    done = subprocess.run(["docker", "inspect", "-f", form, container], capture_output=True, text=True, check=True)
    try:
        with socket.create_connection((done.stdout.strip(), port), timeout=2):
            return True
    except OSError:
        return False


def test_an_ssh_server_that_bars_everybody_comes_back_by_itself(fleet: Fleet) -> None:
    """The machine that deployed is gone: nobody says that the change may stay."""
    assert can_log_in(fleet, "edge-1")
    for seconds in (8, 60):  # on a busy machine it may be back before we have tried
        order = json.dumps({"allowUsers": ["nobody"], "seconds": seconds})
        fleet.inside("edge-1", "python3", FEATURES, "apply", "ssh", stdin=order)
        barred = not can_log_in(fleet, "edge-1")
        fleet.wait_for("edge-1", f"! test -e {DROP_IN} && ! test -e /etc/clawfleet/.deadman")
        assert can_log_in(fleet, "edge-1")
        if barred:
            break
    assert barred
    assert fleet.openclaw("drift", "--limit", "edge-1").code == 0


def test_a_setting_that_another_file_overrules_is_told_and_not_made(fleet: Fleet) -> None:
    """As images of clouds have it."""
    other = "/etc/ssh/sshd_config.d/50-cloud-init.conf"
    fleet.inside("edge-1", "sh", "-c", f"echo 'PasswordAuthentication yes' > {other}")
    try:
        fleet.tree["hosts"]["edge-1"]["ssh"] = {}
        done = fleet.openclaw("deploy", "--limit", "edge-1")
        assert done.code == 1, done.stdout
        assert f"PasswordAuthentication is not heeded: {other} speaks of it first; change it there" in done.stderr
        assert fleet.inside("edge-1", "sh", "-c", f"test -e {DROP_IN} || echo gone") == "gone"
    finally:
        fleet.inside("edge-1", "rm", other)


@pytest.mark.full
def test_a_host_is_as_asked_and_as_before_when_nobody_asks_any_more(fleet: Fleet) -> None:
    """Twice is as once; a declared port is open and no other; the files are root's, in their modes."""
    fleet.tree["hosts"]["edge-1"] |= ASKED
    done = fleet.openclaw("deploy", "--limit", "edge-1")
    assert done.code == 0, done.stdout + done.stderr
    assert fleet.openclaw("drift", "--limit", "edge-1").code == 0
    for path, mode in FILES:
        assert fleet.inside("edge-1", "stat", "-c", "%a %U", path) == f"{mode} root"
    heeded = fleet.inside("edge-1", "sshd", "-T").splitlines()
    assert {"passwordauthentication no", "maxauthtries 3", "allowusers ada", "allowusers deploy"} <= set(heeded)
    for port in (8080, 8081):
        serve = ["python3", "-m", "http.server", str(port), "--bind", "0.0.0.0"]
        subprocess.run(["docker", "exec", "-d", fleet.hosts["edge-1"].container, *serve], check=True)
        fleet.wait_for("edge-1", f"curl -sf -o /dev/null http://127.0.0.1:{port}/")
    assert answers(fleet, "edge-1", 8081) and not answers(fleet, "edge-1", 8080)

    fleet.inside("edge-1", "sh", "-c", "nft delete table inet openclaw; chmod 644 /etc/nftables.d/60-openclaw.nft")
    drift = fleet.openclaw("drift", "--limit", "edge-1", "--json")
    assert [row["step"] for row in drift.document["hosts"][0]["changes"]] == ["host firewall"]

    for name in ASKED:
        del fleet.tree["hosts"]["edge-1"][name]
    assert fleet.openclaw("deploy", "--limit", "edge-1").code == 0
    left = "; ".join(f"ls {path} 2>/dev/null" for path, _ in FILES)
    assert fleet.inside("edge-1", "sh", "-c", f"{left}; nft list tables | grep openclaw || true") == ""
    assert answers(fleet, "edge-1", 8080)
    assert "passwordauthentication yes" in fleet.inside("edge-1", "sshd", "-T").splitlines()


@pytest.mark.full
def test_a_firewall_that_locks_us_out_is_taken_back_at_once(fleet: Fleet) -> None:
    """The second connection fails while the first one still is there to say so."""
    fleet.tree["hosts"]["edge-2"]["firewall"] = {"deadManS": 60, "sshFrom": ["192.0.2.1"]}
    done = fleet.openclaw("deploy", "--limit", "edge-2")
    assert done.code == 1, done.stdout
    assert "could not be reached any more" in done.stderr and "was taken back" in done.stderr
    assert can_log_in(fleet, "edge-2")
    assert "openclaw" not in fleet.inside("edge-2", "nft", "list", "tables")
    assert {row["ready"] for row in fleet.status() if row["host"] == "edge-2"} == {True}
