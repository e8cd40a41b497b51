"""`logs` and `exec`: what runs in the terminal of the person who types."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import threading
from typing import IO

from clawfleet.fleet.instance import UNNAMED_PROFILE, GatewayInstance
from clawfleet.fleet.selection import the_one
from control.order import Order, chosen
from layout import current_link
from mac_python import MAC_PATH
from specs import unit_spec

PATH = "PATH=/usr/local/bin:/usr/bin:/bin"


def run(order: Order) -> int:
    """The exit code of what ran on the host; 255 when ssh could not connect."""
    found = chosen(order)
    item = the_one(found.instances, ())
    terminal = order.verb == "exec" and sys.stdin.isatty()
    reach = found.reach[item.host]
    if order.verb == "logs":
        words = logs(item, order)
    else:
        words = openclaw(item, order.options["words"], own_terminal(reach.connect.via, terminal=terminal))
    line = reach.command(*words, terminal=terminal)
    if terminal or not reach.prelude:
        return subprocess.run(line, check=False).returncode
    return fed(line, reach.prelude)


def fed(line: list[str], first: bytes) -> int:
    """The exit code of a command that reads `first`, and then what this process is given."""
    process = subprocess.Popen(line, stdin=subprocess.PIPE, bufsize=0)
    # A thread that nobody waits for: the command may end while our own input stays open.
    threading.Thread(target=copied, args=(first, process.stdin), daemon=True).start()
    return process.wait()


def copied(first: bytes, target: IO[bytes]) -> None:
    """Writes `first` and all of standard input; ends early when nobody reads it any more."""
    with contextlib.suppress(OSError), target:
        chunk = first
        while chunk:
            target.write(chunk)
            chunk = os.read(0, 65_536)


def logs(item: GatewayInstance, order: Order) -> list[str]:
    """journalctl for the gateway's unit; on a Mac the files that its job prints to."""
    if item.os == "darwin":
        follow = ["-F"] if order.options.get("follow") else []
        return ["tail", "-q", *follow, "-n", str(order.options.get("lines", 100)), *unit_spec(item)["logs"]]
    field = "_SYSTEMD_UNIT" if item.service == "system" else "_SYSTEMD_USER_UNIT"
    words = ["journalctl", "--no-pager", "-o", "short-iso", "-n", str(order.options.get("lines", 100))]
    if order.options.get("follow"):
        words.append("--follow")
    match = f'{shlex.join([*words, f"{field}={item.unit}"])} _UID="$(id -u {shlex.quote(item.os_user)})"'
    return ["sh", "-c", f"exec {match}"]


def own_terminal(via: str, *, terminal: bool) -> list[str] | None:
    """The flags of runuser that keep a gateway's user from this very terminal, None where ssh or Docker do.

    Whoever shares a terminal can type into it: root's shell would run that.
    """
    return None if via != "local" else ["--pty"] if terminal else []


def openclaw(item: GatewayInstance, words: list[str], apart: list[str] | None) -> list[str]:
    """The gateway's own command, as its user and for this gateway."""
    named = [] if item.profile == UNNAMED_PROFILE else ["--profile", item.profile]
    place = [f"OPENCLAW_STATE_DIR={item.state_dir}", f"OPENCLAW_CONFIG_PATH={item.config_path}", f"HOME={item.home}"]
    program = [f"{current_link(item)}/bin/openclaw", *named, *words]
    if item.os == "darwin":  # whose env knows no -C
        user = ["sudo", "-n", "-u", item.os_user, "--"] if item.service == "system" else []
        return [*user, "sh", "-c", 'cd "$0" && exec env "$@"', item.home, MAC_PATH, *place, *program]
    if apart is None or item.os_user == "root":
        user = [] if item.os_user == "root" else ["runuser", "-u", item.os_user, "--"]
        return [*user, "env", "-C", item.home, *place, *program]
    # -c begins a session of its own, which -u does not; secrets of the shell that types this stay out of it
    user = ["runuser", *apart, "-s", "/bin/sh", "-c", 'exec "$@"', "--", item.os_user, "sh"]
    kept = [f"{name}={os.environ[name]}" for name in ("LANG", "TERM") if name in os.environ]
    return [*user, "env", "-i", "-C", item.home, PATH, *kept, *place, *program]
