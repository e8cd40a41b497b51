"""Every verb, with everything switched on that talks: no secret is seen by anybody, not even for a moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.faults import small_disk
from tests.deploy.fleets import Fleet, Run, finished
from tests.deploy.watching import watched, wide_files

pytestmark = [pytest.mark.docker, pytest.mark.full]

SUDO = "sudo-is-secret-0815"
KEY = "a-key-is-secret-4711"
OTHER_KEY = "another-key-is-secret-4712"
LOOKS = (
    *(("check", "--json"), ("plan", "--limit", "edge-2", "--json"), ("status", "--limit", "edge-2", "--json")),
    *(("lock", "--json"), ("logs", "--limit", "edge-2/ops", "--lines", "50")),
    ("exec", "--limit", "edge-2/ops", "--", "gateway", "status", "--json"),
)


@pytest.fixture
def secretive(fleet: Fleet) -> Iterator[Fleet]:
    """The fleet with a key of its own and a password for sudo, both in files of the operator."""
    secrets = fleet.directory / "mine.env"
    secrets.touch(0o600)
    secrets.write_text(f"SUDO={SUDO}\nKEY={KEY}\n")
    fleet.inside("edge-2", "sh", "-c", f"echo deploy:{SUDO} | chpasswd; echo 'deploy ALL=(ALL) ALL' > {SUDOERS}")
    host = fleet.tree["hosts"]["edge-2"]
    host["connect"]["sudoPassword"] = "file:mine.env#SUDO"
    host["gateways"]["ops"] = {"secrets": {"MY_KEY": "file:mine.env#KEY"}}
    yield fleet
    host["connect"].pop("sudoPassword")
    fleet.inside("edge-2", "sh", "-c", f"echo 'deploy ALL=(ALL) NOPASSWD:ALL' > {SUDOERS}")


SUDOERS = "/etc/sudoers.d/deploy"


def said(run: Run) -> str:
    return run.stdout + run.stderr


def words_of(fleet: Fleet) -> list[str]:
    return [SUDO, KEY, OTHER_KEY, *fleet.tokens().values()]


def test_no_verb_shows_a_secret_to_anybody(secretive: Fleet, tmp_path: Path) -> None:
    """Nor does pyinfra at its most talkative; nor does what is left on the hosts afterwards."""
    fleet, told = secretive, []
    temporary = str(tmp_path / "tmp")
    Path(temporary).mkdir()
    with watched(fleet, words_of(fleet), Path(temporary)) as seen:
        deployed = fleet.openclaw("deploy", "--limit", "edge-2", "--json", TMPDIR=temporary)
        assert deployed.code == 0, deployed.stderr
        told.append(said(deployed))
        for words in LOOKS:
            done = fleet.openclaw(*words, TMPDIR=temporary)
            assert done.code == 0, (words, done.stderr)
            told.append(said(done))
        pull = ("backup", "--limit", "edge-2/ops", "--pull", str(tmp_path / "home"), "--json")
        made = fleet.openclaw(*pull, TMPDIR=temporary)
        told += [said(made), said(fleet.openclaw("restart", "--limit", "edge-2/ops", "--json", TMPDIR=temporary))]
        archive = made.document["backups"][0]["pulled"]["state"]
        told.append(said(fleet.openclaw("restore", archive, "--limit", "edge-2/ops", "--json", TMPDIR=temporary)))
        fleet.inside("edge-2", "sh", "-c", "echo MY_KEY=stolen > /home/openclaw/.openclaw-ops/.env")
        talkative = fleet.run("-y", "-vvv", "--diff", "--debug", "--limit", "edge-2")
        assert talkative.code == 0, talkative.stderr[-3000:]
        told.append(said(talkative))
    assert min(seen.rounds) > 5
    assert seen.places == set()
    assert [word for word in words_of(fleet) if word in "".join(told)] == []
    for host in fleet.hosts:
        assert wide_files(fleet, host, words_of(fleet)) == []
        listing = fleet.inside(host, "sh", "-c", "cat /var/log/clawfleet/audit.log /etc/clawfleet/*/applied.json")
        assert [word for word in words_of(fleet) if word in listing] == []


def test_a_run_that_fails_does_not_tell_either(secretive: Fleet) -> None:
    """A disk that is full while secrets are written, a gateway that quotes its key, and one that cannot be a line."""
    fleet, told = secretive, []
    assert fleet.openclaw("deploy", "--limit", "edge-2").code == 0
    secrets = fleet.directory / "mine.env"
    secrets.write_text(f"SUDO={SUDO}\nKEY={OTHER_KEY}\n")
    ops = fleet.tree["hosts"]["edge-2"]["gateways"]
    ops["small"] = {"stateDir": "/srv/narrow/small", "secrets": {"MY_KEY": "file:mine.env#KEY"}}
    small_disk(fleet, "edge-2", "/srv/narrow", 3)
    for full in (
        fleet.openclaw("deploy", "--limit", "edge-2/small", "--json"),
        fleet.run("-y", "-vvv", "--diff", "--debug", "--limit", "edge-2"),
    ):
        assert full.code == 1, full.stderr[-2000:]
        assert "No space left on device" in said(full)
        told.append(said(full))
    fleet.inside("edge-2", "umount", "/srv/narrow")
    ops["small"] = {"config": {"gateway": {"reload": {"mode": "${MY_KEY}"}}}} | {"secrets": ops["small"]["secrets"]}
    told.append(said(fleet.openclaw("deploy", "--limit", "edge-2/small", "--json")))
    (fleet.directory / "mine.json").touch(0o600)
    (fleet.directory / "mine.json").write_text(json.dumps({"KEY": f"{KEY}\n{OTHER_KEY}"}))
    ops["small"] = {"secrets": {"MY_KEY": "file:mine.json#KEY"}}
    lines = fleet.openclaw("deploy", "--limit", "edge-2/small")
    assert (lines.code, "use a value on one line" in lines.stderr) == (3, True)
    told.append(said(lines))
    ops["small"] = {"secrets": {"MY_KEY": KEY}}  # pasted where a reference belongs
    pasted = fleet.openclaw("check")
    assert (pasted.code, "as a reference" in pasted.stderr) == (3, True)
    told.append(said(pasted))
    del ops["small"]
    assert [word for word in words_of(fleet) if word in "".join(told)] == []
    assert fleet.openclaw("deploy", "--limit", "edge-2").code == 0


def test_what_a_tunnel_says_holds_no_token(secretive: Fleet) -> None:
    """Only the address; the token is asked for on the host."""
    process = secretive.begin("tunnel", "edge-2/ops", "--json")
    assert process.stdout
    lines: list[str] = []
    while not lines or lines[-1].rstrip() != "}":
        lines.append(process.stdout.readline())
    process.terminate()
    done = finished(process)
    assert [word for word in words_of(secretive) if word in "".join(lines) + said(done)] == []
