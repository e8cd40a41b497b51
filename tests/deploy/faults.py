"""What goes wrong on the way to a host, made on purpose: connections that end, disks that are full."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.deploy.fleets import LIMIT_S, Fleet, Run, finished

WRITTEN_BY_OTHERS = " -o ".join(
    f"-path '{each}'"
    for each in (
        *("/var/log", "/var/lib/sudo", "/var/lib/systemd/*", "/etc/sudoers.d*", "/etc/shadow*"),
        *("/var/tmp*", "/var/backups*"),  # of units with places of their own; what Debian does at midnight
        *("*/.openclaw*/*", "*/__pycache__*"),
    )
)
LISTING = (
    "find /etc /home /opt /root /srv /usr/local /var -xdev "
    rf"\( {WRITTEN_BY_OTHERS} \) "
    r"-prune -o -printf '%p %m %u %s %T@\n' | sort"
)
"""What lies on a host: path, mode, owner, size and time, without what running programs write by themselves."""

# Runs inside a host: ends the login's connections as soon as a shell text succeeds there. Says when it watches.
CUT = """
import os, pathlib, subprocess, sys, time
print("watching", flush=True)
while subprocess.run(["sh", "-c", sys.argv[1]], capture_output=True).returncode:
    time.sleep(0.01)
subprocess.run(["pkill", "-KILL", "-u", "deploy", "sshd"])
print("cut", flush=True)
"""

# Stands for a program of a host: does what it does, then ends the login's connections.
LAST = """#!/bin/sh
%s "$@"; code=$?
pkill -KILL -u deploy sshd
exit $code
"""

HELD = "/run/held"
# Stands for a program of a host: does what it does, says so, and does not end.
HOLDS = f"""#!/bin/sh
%s "$@"
touch {HELD}
exec sleep 86399
"""


def tree(fleet: Fleet, host: str) -> list[str]:
    """The files of a host."""
    return fleet.inside(host, "sh", "-c", LISTING).splitlines()


def cut(fleet: Fleet, host: str, when: str, *words: str) -> Run:
    """`openclaw fleet <words>`, whose connections to the host end when the shell text `when` succeeds there."""
    watcher = subprocess.Popen(
        ["docker", "exec", fleet.hosts[host].container, "python3", "-c", CUT, when], stdout=subprocess.PIPE, text=True
    )
    assert watcher.stdout
    with watcher:
        assert watcher.stdout.readline() == "watching\n"
        done = finished(fleet.begin(*words), fleet.limit_s)
        assert watcher.stdout.readline() == "cut\n", done.stderr
    return done


def cut_after(fleet: Fleet, host: str, program: str, *words: str) -> Run:
    """`openclaw fleet <words>`, whose connections to the host end as soon as it has run `program` there."""
    with standing_in(fleet, host, program, LAST):
        return fleet.openclaw(*words)


@contextmanager
def held_after(fleet: Fleet, host: str, program: str) -> Iterator[None]:
    """Within it whoever runs `program` on the host stays in it; `HELD` is there as soon as somebody does."""
    with standing_in(fleet, host, program, HOLDS):
        yield
    fleet.inside(host, "sh", "-c", f"pkill -f '^sleep 86399$'; rm {HELD}")


@contextmanager
def standing_in(fleet: Fleet, host: str, program: str, script: str) -> Iterator[None]:
    """Within it the script takes the program's place for everybody on the host."""
    place = f"/usr/local/sbin/{program}"  # where root's own path looks first
    fleet.inside(host, "install", "-m", "755", "/dev/stdin", place, stdin=script % f"/usr/bin/{program}")
    try:
        yield
    finally:
        fleet.inside(host, "rm", place)


def small_disk(fleet: Fleet, host: str, place: str, files: int) -> None:
    """A file system of its own at `place` with room for so many files and no more; `0` for as many as there are."""
    script = (
        f"mkdir -p {place}; mountpoint -q {place} || mount -t tmpfs -o size=1g,mode=755 none {place}; "
        f"used=$(df --output=iused {place} | tail -n 1 | tr -d ' '); n={files}; [ $n -gt 0 ] || n=$used; "
        f"mount -o remount,nr_inodes=$n {place}"
    )
    fleet.inside(host, "sh", "-c", script)


def wait_until_ready(fleet: Fleet, gateway: str) -> None:
    """Returns when the gateway is ready."""
    deadline = time.monotonic() + LIMIT_S
    while fleet.openclaw("status", "--limit", gateway).code:
        assert time.monotonic() < deadline, gateway


def complaint(run: Run, host: str) -> tuple[str, str, str]:
    """Step, cause and cure of the one failure of a host, as the operator reads them; and nothing else went wrong."""
    assert run.code == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    lines = run.stderr.splitlines()
    (first,) = [number for number, line in enumerate(lines) if line.startswith(f"✗ {host}: ")]
    step, _, cause = lines[first].removeprefix(f"✗ {host}: ").partition(": ")
    if step.startswith("gateway "):  # its name has a colon after it
        more, _, cause = cause.partition(": ")
        step = f"{step}: {more}"
    told = [line.strip() for line in lines[first + 1 :] if line.startswith("  ")]
    return step, " / ".join([cause, *told[:-1]]), told[-1]
