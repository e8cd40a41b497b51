"""Looks for words that nobody may see: in process lists, in files that others can read; there and here, all along."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.fleets import Fleet

# Runs inside a host until it is told to stop. The words to look for come on standard input.
WATCH = """
import json, os, pathlib, sys, time
words = [word.encode() for word in json.loads(sys.stdin.readline())]
print("watching", flush=True)
os.set_blocking(0, False)
seen, wide, rounds = set(), set(), 0
while sys.stdin.buffer.read() is None:
    rounds += 1
    time.sleep(0.02)
    for process in pathlib.Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                told = (process / "cmdline").read_bytes()
                # Who may read the environment of a gateway's user may read its .env as well.
                kept = b"" if process.owner() == "openclaw" else (process / "environ").read_bytes()
            except (OSError, KeyError):
                continue
            if any(word in told + kept for word in words):
                seen.add(f"{process.owner()}: {told[:200].decode(errors='replace')}")
    for place in ("/tmp", "/dev/shm", "/run/user", "/home/deploy"):
        for folder, _, names in os.walk(place):
            for name in names:
                path = pathlib.Path(folder, name)
                try:
                    if path.is_file() and not path.is_symlink() and any(word in path.read_bytes() for word in words):
                        wide.add(str(path))
                except OSError:
                    continue
print(json.dumps({"rounds": rounds, "seen": sorted(seen), "wide": sorted(wide)}))
"""

# Runs inside a host: the files with one of the words that somebody besides their owner may read.
WIDE = """
import json, os, pathlib, sys
words = [word.encode() for word in json.load(sys.stdin)]
found = []
for place in ("/etc", "/home", "/opt", "/root", "/srv", "/tmp", "/usr/local", "/var"):
    for folder, names, files in os.walk(place):
        names[:] = [name for name in names if name != "site-packages"]
        for name in files:
            path = pathlib.Path(folder, name)
            try:
                if not path.is_file() or path.is_symlink():
                    continue
                with path.open("rb") as file:  # mode and text of one and the same file
                    if os.fstat(file.fileno()).st_mode & 0o077 and any(word in file.read() for word in words):
                        found.append(str(path))
            except OSError:
                pass
print(json.dumps(found))
"""


@dataclass
class Seen:
    """What was found, and how often somebody looked."""

    rounds: list[int] = field(default_factory=list)
    places: set[str] = field(default_factory=set)


@contextmanager
def watched(fleet: Fleet, words: Sequence[str], directory: Path) -> Iterator[Seen]:
    """Meanwhile every process of the hosts and of this machine is looked at, and every file for temporary use."""
    seen, done = Seen(), threading.Event()
    watchers = [_watcher(fleet, host, words) for host in fleet.hosts]
    here = threading.Thread(target=_watch_here, args=([word.encode() for word in words], directory, seen, done))
    here.start()
    try:
        yield seen
    finally:
        done.set()
        here.join()
        for watcher in watchers:
            told = json.loads(watcher.communicate()[0])
            seen.rounds.append(told["rounds"])
            seen.places |= {*told["seen"], *told["wide"]}


def wide_files(fleet: Fleet, host: str, words: Sequence[str]) -> list[str]:
    """The files of a host that hold one of the words and that others than their owner may read."""
    found: list[str] = json.loads(fleet.inside(host, "python3", "-c", WIDE, stdin=json.dumps(list(words))))
    return found


def _watcher(fleet: Fleet, host: str, words: Sequence[str]) -> subprocess.Popen[str]:
    watcher = subprocess.Popen(
        ["docker", "exec", "-i", fleet.hosts[host].container, "python3", "-c", WATCH],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watcher.stdin and watcher.stdout
    watcher.stdin.write(json.dumps(list(words)) + "\n")
    watcher.stdin.flush()
    assert watcher.stdout.readline() == "watching\n"
    return watcher


def _watch_here(words: Sequence[bytes], directory: Path, seen: Seen, done: threading.Event) -> None:
    rounds = 0
    while not done.is_set():
        rounds += 1
        done.wait(0.05)
        for process in Path("/proc").glob("[0-9]*"):
            if _namespace(process) != _namespace(Path("/proc/self")):
                continue  # of a container, which is looked at from inside
            for file in ("cmdline", "environ"):
                data = _read(process / file)
                if any(word in data for word in words):
                    seen.places.add(f"here: {file} of {data.split(bytes(1))[0].decode(errors='replace')}")
        for path in directory.rglob("*"):
            if any(word in _read(path) for word in words):
                seen.places.add(f"here: {path}")
    seen.rounds.append(rounds)


def _namespace(process: Path) -> str:
    try:
        return str((process / "ns" / "pid").readlink())
    except OSError:
        return ""


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            return file.read() or b""
    except OSError:
        return b""
