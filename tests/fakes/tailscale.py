#!/usr/bin/env python3
"""A stand-in for the `tailscale` command: answers as it does, keeps state beside itself, writes down how it was called.

`calls.jsonl` has every argument list: what is not in it was not passed. `state.json` says how it behaves.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent
STATE, CALLS = HOME / "state.json", HOME / "calls.jsonl"

FRESH: dict[str, Any] = {
    "backend": "Running",  # what `status --json` says
    "booting": 0,  # how many times it first says `Starting`
    "denied": False,  # whether only root may change routes
    "operator": "",  # the user who may besides root
    "silent": False,  # whether `serve` never says that it is ready
    "refusal": "",  # what `serve` says instead
    "logins": {},  # address in the tailnet -> login
    "routes": {},  # https port -> target, kept in the background
    "public": [],  # ports of funnels among them
    "foreground": {},  # pid -> [mode, target]
    "name": "edge-1.tail1234.ts.net",
    "address": "100.101.102.103",
    "joined": [],  # of each key file that was shown: mode, and the hash of what was in it
}


def main(words: list[str]) -> int:
    """Do what is asked; the exit code."""
    with CALLS.open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(words) + "\n")
    match words:
        case ["version", *_]:
            print("1.82.0\n  tailscale commit: 0000000000\n  go version: go1.24.1")
        case ["status", "--json"]:
            status()
        case ["serve" | "funnel" as mode, *rest]:
            return serve(mode, rest)
        case ["whois", "--json", address]:
            return whois(address)
        case ["up", *flags]:
            return join(flags)
        case ["set", option] if option.startswith("--operator="):
            change(operator=option.removeprefix("--operator="))
        case ["logout"]:
            change(backend="NeedsLogin", routes={})
        case _:
            return fail(f"unknown subcommand: {' '.join(words)}")
    return 0


def serve(mode: str, words: list[str]) -> int:
    """`tailscale serve …` and `tailscale funnel …`."""
    match words:
        case ["status", "--json"]:
            print(json.dumps(routes(load()), indent=2))
            return 0
        case ["--yes", "--bg=false", target]:
            return hold(mode, target)
        case ["--yes", "--bg", port, target]:
            return keep(port.removeprefix("--https="), target, mode)
        case ["--yes", port, "--set-path=/", "off"]:
            return keep(port.removeprefix("--https="), None)
    return fail(f"invalid argument: {' '.join(words)}")


def load() -> dict[str, Any]:
    """How it stands."""
    known = json.loads(STATE.read_text(encoding="utf-8")) if STATE.exists() else {}
    return FRESH | known


def change(**values: Any) -> None:
    """Keep another state, whole or not at all."""
    made = STATE.with_suffix(f".{os.getpid()}")
    made.write_text(json.dumps(load() | values), encoding="utf-8")
    made.chmod(0o666)
    made.replace(STATE)


def fail(text: str) -> int:
    """Say what is wrong."""
    print(text, file=sys.stderr)
    return 1


def status() -> None:
    """`tailscale status --json`."""
    state = load()
    backend = state["backend"]
    if state["booting"]:
        change(booting=state["booting"] - 1)
        backend = "Starting"
    own = {"DNSName": f"{state['name']}.", "TailscaleIPs": [state["address"]]}
    print(json.dumps({"Version": "1.82.0", "BackendState": backend, "Self": own if backend == "Running" else {}}))


def routes(state: dict[str, Any]) -> dict[str, Any]:
    """`tailscale serve status --json`."""
    web = {
        f"{state['name']}:{port}": {"Handlers": {"/": {"Proxy": target}}} for port, target in state["routes"].items()
    }
    public = {f"{state['name']}:{port}": True for port in state["public"]}
    return (
        {"TCP": {port: {"HTTPS": True} for port in state["routes"]}, "Web": web, "AllowFunnel": public} if web else {}
    )


def may_not(state: dict[str, Any]) -> bool:
    """Whether the caller may not change routes."""
    return bool(state["denied"]) and os.environ.get("USER", "root") not in ("root", state["operator"])


def hold(mode: str, target: str) -> int:
    """A route in the foreground: until a signal ends it."""
    state = load()
    if may_not(state):
        return fail(f"sending serve config: Access denied: serve config denied\n\nUse 'sudo tailscale {mode}'.")
    if state["refusal"]:
        return fail(state["refusal"])
    if "443" in state["routes"] or state["foreground"]:
        return fail("foreground listener already exists for port 443")

    def end(*_: object) -> None:
        change(foreground={})
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    change(foreground={str(os.getpid()): [mode, target]})  # who sees this may end it at once
    if not state["silent"]:
        print(f"Available within your tailnet:\n\nhttps://{state['name']}/\n|-- proxy http://127.0.0.1:{target}\n")
        print("Press Ctrl+C to exit.", flush=True)
    while True:
        time.sleep(60)


def keep(port: str, target: str | None, mode: str = "serve") -> int:
    """A route in the background, or its end."""
    state = load()
    if may_not(state):
        return fail("sending serve config: Access denied: serve config denied")
    kept = dict(state["routes"])
    if target is None and port not in kept:
        return fail("error: failed to remove web serve: handler does not exist")
    if target is None:
        del kept[port]
    else:
        kept[port] = target
    public = [name for name in state["public"] if name != port] + ([port] if target and mode == "funnel" else [])
    change(routes=kept, public=public)
    return 0


def whois(address: str) -> int:
    """`tailscale whois --json`."""
    login = load()["logins"].get(address)
    if login is None:
        return fail("peer not found")
    print(json.dumps({"Node": {"Name": "laptop"}, "UserProfile": {"ID": 1, "LoginName": login, "DisplayName": login}}))
    return 0


def join(flags: list[str]) -> int:
    """`tailscale up`: the key must lie in a file that is there now."""
    (key,) = [flag.removeprefix("--auth-key=") for flag in flags if flag.startswith("--auth-key=")] or [""]
    if not key.startswith("file:"):
        return fail("backend error: invalid key")
    file = Path(key.removeprefix("file:"))
    shown = [oct(file.stat().st_mode & 0o777), hashlib.sha256(file.read_bytes()).hexdigest()]
    change(backend="Running", joined=[*load()["joined"], shown])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
