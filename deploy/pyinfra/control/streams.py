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


def run(order: Order) -> int:
    """The exit code of what ran on the host; 255 when ssh could not connect."""
    found = chosen(order)
    item = the_one(found.instances, ())
    words = logs(item, order) if order.verb == "logs" else openclaw(item, order.options["words"])
    terminal = order.verb == "exec" and sys.stdin.isatty()
    reach = found.reach[item.host]
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


def openclaw(item: GatewayInstance, words: list[str]) -> list[str]:
    """The gateway's own command, as its user and for this gateway."""
    named = [] if item.profile == UNNAMED_PROFILE else ["--profile", item.profile]
    place = [f"OPENCLAW_STATE_DIR={item.state_dir}", f"OPENCLAW_CONFIG_PATH={item.config_path}", f"HOME={item.home}"]
    program = [f"{current_link(item)}/bin/openclaw", *named, *words]
    if item.os == "darwin":  # whose env knows no -C
        user = ["sudo", "-n", "-u", item.os_user, "--"] if item.service == "system" else []
        return [*user, "sh", "-c", 'cd "$0" && exec env "$@"', item.home, MAC_PATH, *place, *program]
    user = [] if item.os_user == "root" else ["runuser", "-u", item.os_user, "--"]
    return [*user, "env", "-C", item.home, *place, *program]
