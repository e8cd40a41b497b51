"""The operations: facts in, commands out."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clawfleet.fleet.models.fleet import Rollout
from facts.gateways import UnitState
from facts.placed import FileState
from layout import LINUX
from operations.gateways import Wanted, gated_gateway, owned_config, unclaimed_gateway
from operations.placed import owned_directory, packed, placed_scripts, secret_file, switched_link
from operations.releases import fitting_host, installed_release, pruned_releases
from operations.users import lingering, service_user
from shell import HiddenText, Target
from specs import gate_spec
from tests.unit.deploy.recipes import Earlier, Ran, gateway, run
from wheelhouse import Wheelhouse

SECRET = "s3cr3t-s3cr3t"
CONTENT = HiddenText(f"TOKEN={SECRET}\n")
ENV = Target("/home/ada/.openclaw/.env", "ada", "600")
AS_WANTED = FileState("600", "ada", hashlib.sha256(CONTENT.text.encode()).hexdigest())
STAMP = "/etc/clawfleet/ops/applied.json"
WANTED = Wanted("1.0.0-abcdef01", "1.0.0", "f00d", gate_spec(gateway(), Rollout()))
RUNNING = UnitState(active=True, enabled=True, stale=False, healthy=True, applied="f00d", failing=())
HOUSE = Wheelhouse("1.0.0", "3.11", "x86_64", "clawfleet-1.0.0-abcdef01.tar", "00ff", "abcdef0123")


def test_a_secret_file_as_wanted_is_left_alone() -> None:
    """A second run does nothing."""
    ran = run(secret_file, {"PlacedFile": AS_WANTED}, ENV, CONTENT, STAMP)
    assert (ran.commands, len(ran.notes)) == ([], 1)


@pytest.mark.parametrize(
    "found", [None, replace(AS_WANTED, mode="644"), replace(AS_WANTED, owner="root"), replace(AS_WANTED, sha256="0")]
)
def test_a_secret_file_that_differs_is_replaced_after_the_stamp_is_gone(found: FileState | None) -> None:
    """Mode, owner or content: each is healed; a run that breaks off here restarts the gateway next time."""
    ran = run(secret_file, {"PlacedFile": found}, ENV, CONTENT, STAMP)
    assert ran.commands[0] == f"python3 /opt/clawfleet/lib/kept.py keep {STAMP}"
    assert "mktemp /home/ada/.openclaw/.env.XXXXXX" in ran.commands[1]
    assert ran.inputs == [CONTENT.text]
    assert not any(SECRET in command for command in ran.commands)


@pytest.mark.parametrize(
    ("found", "inside", "command"),
    [
        ("700 ada", "/home/ada", None),
        (
            None,
            "/home/ada",
            "cd / && runuser -u ada -- sh -c 'umask 077 && mkdir -p /home/ada/x && chmod 700 /home/ada/x'",
        ),
    ],
)
def test_directories(found: str | None, inside: str | None, command: str | None) -> None:
    """In the owner's own place the owner acts."""
    ran = run(owned_directory, {"PlacedDirectory": found}, "/home/ada/x", "ada", "700", inside)
    assert ran.commands == ([command] if command else [])


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away")
def test_root_makes_directories_elsewhere_and_follows_no_link_of_somebody_elses(tmp_path: Path) -> None:
    """Who may write beside the place could have any directory of the host given away."""

    def made(place: Path) -> subprocess.CompletedProcess[str]:
        (command,) = run(owned_directory, {"PlacedDirectory": None}, str(place), "root", "700").commands
        return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)

    assert made(tmp_path / "new" / "place").returncode == 0
    assert (tmp_path / "new" / "place").stat().st_mode & 0o777 == 0o700
    target, link = tmp_path / "target", tmp_path / "link"
    target.mkdir(mode=0o755)
    link.symlink_to(target)
    os.lchown(link, 65534, 65534)
    refused = made(link)
    assert (refused.returncode, target.stat().st_mode & 0o777) == (1, 0o755)
    assert f"{link} is a link that root did not make" in refused.stderr
    os.lchown(link, 0, 0)
    assert (made(link).returncode, target.stat().st_mode & 0o777) == (0, 0o700)


def test_a_link_moves_in_one_step() -> None:
    """It is never missing in between."""
    ran = run(switched_link, {"LinkTarget": "/r/old"}, "/i/current", "/r/new", STAMP)
    assert ran.commands == [
        f"python3 /opt/clawfleet/lib/kept.py keep {STAMP}",
        "mkdir -p /i",
        "ln -sfn /r/new /i/current.new && mv -fT /i/current.new /i/current",
    ]
    assert run(switched_link, {"LinkTarget": "/r/new"}, "/i/current", "/r/new", STAMP).commands == []


def test_users_are_made_once_and_never_changed() -> None:
    """A user with another home is refused, with both homes named."""
    made = run(service_user, {"OsUserHome": None}, "ada", "/home/ada")
    assert made.commands[0].startswith("useradd --create-home --home-dir /home/ada ")
    assert run(service_user, {"OsUserHome": "/home/ada"}, "ada", "/home/ada").commands == []
    (refused,) = run(service_user, {"OsUserHome": "/srv/ada"}, "ada", "/home/ada").commands
    assert "/srv/ada" in refused and "exit 1" in refused


def test_lingering_waits_for_the_service_manager() -> None:
    """The next step needs its bus."""
    assert run(lingering, {"UserServicesReady": True}, "ada").commands == []
    note, enable, wait = run(lingering, {"UserServicesReady": False}, "ada").commands
    assert note.startswith("[ -e /var/lib/systemd/linger/ada ] || ")
    assert enable == "loginctl enable-linger ada"
    assert "/run/user/$uid/bus" in wait


def test_a_release_is_built_on_the_host_from_the_archive_that_was_checked() -> None:
    """The host gets the hash by another way than the archive (see test_release_tree.py for what it does with it)."""
    ran = run(installed_release, {"ReleaseComplete": False}, HOUSE, Path("/wheels"), LINUX)
    home = "/opt/clawfleet/releases/1.0.0-abcdef01"
    assert ran.uploads == [f"/wheels/{HOUSE.archive} -> /opt/clawfleet/releases/{HOUSE.archive}"]
    assert ran.commands[0].endswith(" 3.11 Linux x86_64")
    built = f"{home} /opt/clawfleet/releases/{HOUSE.archive} {HOUSE.sha256}"
    assert ran.commands[-1] == f"python3 -I /opt/clawfleet/lib/release_tree.py {built}"
    assert run(installed_release, {"ReleaseComplete": True}, HOUSE, Path("/wheels"), LINUX).commands == []


def test_old_releases_go() -> None:
    """Each by its own name."""
    assert run(pruned_releases, {"UnusedReleases": ["1.0-aa", "1.0-bb"]}, 5, LINUX).commands == [
        "rm -rf /opt/clawfleet/releases/1.0-aa",
        "rm -rf /opt/clawfleet/releases/1.0-bb",
    ]
    assert run(pruned_releases, {"UnusedReleases": []}, 5, LINUX).commands == []


def config_run(found: str, *, overlay_changes: bool = False) -> Ran:
    overlay: Any = Earlier(changes=overlay_changes)
    return run(owned_config, {"ConfigState": found}, gateway(), "1.0.0-abcdef01", overlay)


def test_a_config_that_says_what_the_fleet_owns_is_left_alone() -> None:
    """What people wrote is no reason to touch it."""
    assert config_run("equal").commands == []


@pytest.mark.parametrize("found", ["differs", "unknown"])
def test_a_config_that_differs_is_written_by_its_owner(found: str) -> None:
    """The owned keys come from root's record, the write happens as the gateway's user."""
    forgotten, write, remember = config_run(found).commands
    assert forgotten == f"python3 /opt/clawfleet/lib/kept.py keep {STAMP}"
    assert "runuser -u openclaw" in write
    assert write.startswith("( cat /etc/clawfleet/ops/overlay.json; cat /etc/clawfleet/ops/owned.json ")
    assert remember == "cp -p /etc/clawfleet/ops/overlay.json /etc/clawfleet/ops/owned.json"


def test_a_run_that_only_looks_foresees_the_write() -> None:
    """The record on the host is still the old one, but it is about to change."""
    assert config_run("equal", overlay_changes=True).commands != []


def test_a_broken_config_fails_the_host_with_its_reason() -> None:
    """A file that a person broke is not overwritten."""
    (refused,) = config_run("/home/x/openclaw.json: line 3: expected ,").commands
    assert "line 3" in refused and "exit 1" in refused


def gate_run(found: UnitState | None, *after: Earlier) -> tuple[Ran, dict[str, Any]]:
    ran = run(gated_gateway, {"GatewayUnit": found}, gateway(), WANTED, list(after))
    return ran, json.loads(ran.inputs[0]) if ran.inputs else {}


def test_a_gateway_that_runs_as_wanted_is_left_alone() -> None:
    """Completed operations of this run have removed the stamp if they changed anything."""
    ran, _ = gate_run(RUNNING, Earlier(changes=True, complete=True))
    assert (ran.commands, len(ran.notes)) == ([], 1)


@pytest.mark.parametrize(
    "found", [None, replace(RUNNING, active=False), replace(RUNNING, applied=None), replace(RUNNING, applied="old")]
)
def test_a_gateway_that_runs_something_else_is_restarted(found: UnitState | None) -> None:
    """Also when this run changed nothing: an earlier one may have broken off before its restart."""
    ran, wish = gate_run(found)
    assert ran.commands == ["python3 /opt/clawfleet/lib/gateway_unit.py apply"]
    assert wish["restart"] is True
    assert (wish["version"], wish["applied"], wish["policy"], wish["timeoutS"]) == ("1.0.0", "f00d", "ready", 180)


@pytest.mark.parametrize("found", [replace(RUNNING, enabled=False), replace(RUNNING, stale=True)])
def test_what_needs_no_restart_is_mended_without_one(found: UnitState) -> None:
    """Enabling or reloading definitions does not interrupt anybody."""
    _, wish = gate_run(found)
    assert wish["restart"] is False


def test_a_gateway_that_does_not_answer_goes_through_the_gate() -> None:
    """A deploy never ends well with a dead gateway; one that is still starting is waited for."""
    ran, wish = gate_run(replace(RUNNING, healthy=False))
    assert ran.commands and wish["restart"] is False


def test_a_run_that_only_looks_foresees_the_restart() -> None:
    """A change of any earlier operation means a restart."""
    _, wish = gate_run(RUNNING, Earlier(changes=False), Earlier(changes=True))
    assert wish["restart"] is True


def test_what_failed_before_the_restart_is_no_reason_to_fail_the_gate() -> None:
    """The names go along."""
    _, wish = gate_run(replace(RUNNING, applied="old", failing=("channel:telegram",)))
    assert wish["before"] == ["channel:telegram"]


def test_an_obstacle_fails_the_host_before_anything_is_written() -> None:
    """Each sentence names the gateway."""
    (refused,) = run(unclaimed_gateway, {"Obstacles": ["port 18789 is held by pid 7"]}, gateway()).commands
    assert "edge/ops: port 18789 is held by pid 7" in refused and "exit 1" in refused
    assert run(unclaimed_gateway, {"Obstacles": []}, gateway()).commands == []


def test_a_host_that_cannot_run_the_wheels_is_refused_with_both_versions() -> None:
    """Found before anything is written there."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    house = replace(HOUSE, python=here, machine=platform.machine(), glibc="2.5")
    fits, other, newer = (
        subprocess.run(
            ["sh", "-c", fitting_host(asked)],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        )
        for asked in (house, replace(house, python="2.7"), replace(house, glibc="9.99"))
    )
    assert fits.returncode == 0, fits.stderr
    assert (other.returncode, newer.returncode) == (1, 1)
    assert newer.stderr.startswith("the wheels need glibc 9.99 or newer, this host has glibc ")
    machine, system = platform.machine(), platform.system()
    assert (
        other.stderr == f"the wheelhouse is for Python 2.7 Linux {machine}, this host has {here} {system} {machine}\n"
    )


def test_scripts_travel_at_once_and_old_ones_go() -> None:
    """A host with the scripts of this version is left alone."""
    texts = {"a.py": "print(1)\n"}
    wanted = {"a.py": hashlib.sha256(b"print(1)\n").hexdigest()}
    assert run(placed_scripts, {"ScriptHashes": wanted}, "/lib", texts).commands == []
    ran = run(placed_scripts, {"ScriptHashes": {"old.py": "0", **wanted}}, "/lib", texts)
    assert ran.commands[0] == "rm -f /lib/old.py"
    assert "tar -C /lib" in ran.commands[1]
    with tarfile.open(fileobj=io.BytesIO(packed(texts))) as tar:
        assert tar.getnames() == ["a.py"]


def test_nothing_secret_travels_as_a_file() -> None:
    """pyinfra's own connectors lay a file in /tmp, where everybody may read it: wheels and images go that way alone."""
    recipes = Path(__file__).resolve().parents[3] / "deploy" / "pyinfra"
    words = ("FileUploadCommand(", "files.put(", "files.template(", "files.sync(", ".put_file(")
    lines = [
        f"{path.name}: {line.strip()}"
        for path in sorted(recipes.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(word in line for word in words)
    ]
    assert lines == [
        "docker.py: yield FileUploadCommand(str(image.archive), archive)",
        "releases.py: yield FileUploadCommand(str(directory / wheelhouse.archive), archive)",
    ]
