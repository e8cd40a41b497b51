"""The way from the tailnet to a gateway: a `tailscale serve` or `funnel` that runs as long as the gateway does.

In the foreground on purpose: its route ends with it. Source: deploy §11.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from clawfleet.core.tasks import Tasks
from clawfleet.host.command import Done
from clawfleet.host.tailscale import (
    TailscaleFailed,
    ask,
    find_tailscale,
    host_name,
    is_not_permitted,
    is_not_there_yet,
    leads_to,
    object_in,
)

log = logging.getLogger("clawfleet.gateway.tailscale")

Mode = Literal["serve", "funnel"]

READY = "Press Ctrl+C to exit."
READY_S = 15.0
BOOT_S = 90.0
POLL_S = 2.0
STOP_S = 4.0
MOST_OUTPUT = 200_000

_BOOTING = frozenset({"NoState", "Starting"})
_TAKEN = re.compile(r"listener already exists for port (\d+)", re.IGNORECASE)
_SUDO_ASKS = re.compile(
    r"sudo: (a password is required|no password was provided|a terminal is required|no tty present|no askpass).*",
    re.IGNORECASE,
)

KEEPER = """\
end=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & route=$!
{ read -r _ <&3; $end "$route"; } >/dev/null 2>&1 & keeper=$!
exec 3<&-
wait "$route"; code=$?
kill "$keeper" 2>/dev/null
exit "$code"
"""
"""Ends the route when its standard input ends: also when the gateway was killed and could not say goodbye."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteWish:
    """A route to `target`, the listener for it. `gateway_port` is what a route of former days may lead to.

    `by_tls` says that the listener speaks TLS: with a certificate that Tailscale on the same machine need not know.
    """

    mode: Mode
    target: int
    gateway_port: int
    by_tls: bool = False
    wait_more: Callable[[float], None] = lambda seconds: None
    """Told before each wait for the daemon how long it may be."""


class TailscaleRoute:
    """A route that stands. `host` is this machine's name in the tailnet; `lost` runs until the route has ended."""

    def __init__(self, host: str | None, process: asyncio.subprocess.Process, reading: Tasks) -> None:
        self.host = host
        self._process = process
        self._reading = reading

    async def lost(self) -> None:
        """Return when the route has ended."""
        await self._process.wait()

    async def close(self) -> None:
        """End it."""
        await _end(self._process)
        await self._reading.close()


async def claim_route(wish: RouteWish, environ: Mapping[str, str]) -> TailscaleRoute:
    """The route that was wished for, once it stands; by sudo where this user may not. Raises TailscaleFailed."""
    command = find_tailscale(environ)
    if command is None:
        raise TailscaleFailed(
            f"gateway.tailscale.mode={wish.mode}, and there is no `tailscale` command here",
            hint="install Tailscale and run `tailscale up`, or: openclaw config set gateway.tailscale.mode off",
        )
    await ask(command, "version")
    try:
        return await _claim((command,), wish)
    except _NotPermitted:
        pass
    try:
        return await _claim(("sudo", "-n", command), wish)
    except TailscaleFailed as error:
        asks = _SUDO_ASKS.search(error.message)
        if not isinstance(error, _NotPermitted) and asks is None:
            raise
        why = asks.group() if asks else error.message
        raise TailscaleFailed(
            f"Tailscale {wish.mode} needs elevated access and non-interactive sudo failed: {why}",
            hint="run `sudo tailscale set --operator=$USER` once, as the user of the gateway",
        ) from error


class _NotPermitted(TailscaleFailed):
    """Tailscale does not let this user do it."""


async def _claim(command: tuple[str, ...], wish: RouteWish) -> TailscaleRoute:
    status = await _awake(command, wish)
    kept = await ask(*command, "serve", "status", "--json")
    if not kept.ok:
        raise _failure(kept, wish.mode)
    if leads_to(object_in(kept.out), wish.gateway_port):
        await ask(*command, "serve", "--yes", "--https=443", "--set-path=/", "off")
        log.info("Tailscale route adopted: the one that led to port %d is this gateway's own now", wish.gateway_port)
    target = f"https+insecure://127.0.0.1:{wish.target}" if wish.by_tls else str(wish.target)
    return await _start((*command, wish.mode, "--yes", "--bg=false", target), wish.mode, host_name(status))


async def _awake(command: tuple[str, ...], wish: RouteWish) -> dict[str, Any]:
    """The daemon's status, once it is no longer just starting; whatever else is wrong the claim itself will say."""
    told, loop = "", asyncio.get_running_loop()
    deadline = loop.time() + BOOT_S
    while True:
        try:
            done = await ask(*command, "status", "--json")
        except TailscaleFailed as error:
            done = Done(1, "", error.message)
            pending = "daemon does not answer"
        else:
            pending = "daemon not reachable" if is_not_there_yet(done) else ""
        status = object_in(done.out)
        if (state := status.get("BackendState")) in _BOOTING:
            pending = state
        if not pending or loop.time() >= deadline:
            return status
        if pending != told:
            log.info("waiting for the local Tailscale daemon (%s)", pending)
            told = pending
        wish.wait_more(deadline - loop.time() + READY_S)
        await asyncio.sleep(POLL_S)


async def _start(words: tuple[str, ...], mode: Mode, host: str | None) -> TailscaleRoute:
    try:
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", KEEPER, "tailscale-route", "sudo -n kill" if words[0] == "sudo" else "kill", *words),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in a terminal is the gateway's to hear
        )
    except OSError as error:
        raise TailscaleFailed(f"cannot run /bin/sh: {error.strerror or error}") from error
    reading, said = Tasks(), _Said()
    reading.start(said.read(process), name="tailscale-route")
    try:
        async with asyncio.timeout(READY_S):
            await said.settled.wait()
    except TimeoutError:
        await _end(process)
        raise TailscaleFailed(
            f"Tailscale route claim did not become ready within {READY_S:g} seconds: {said.line}",
            hint="tailscale serve status; HTTPS must be enabled for the tailnet",
        ) from None
    except BaseException:
        await _end(process)
        await reading.close()
        raise
    if not said.is_ready:
        code = await process.wait()
        raise _failure(Done(code or 1, said.text, ""), mode)
    return TailscaleRoute(host, process, reading)


class _Said:
    """What the command prints: whether it is ready, or has ended before."""

    def __init__(self) -> None:
        self.text = ""
        self.is_ready = False
        self.settled = asyncio.Event()

    @property
    def line(self) -> str:
        """What it said last."""
        lines = self.text.split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    async def read(self, process: asyncio.subprocess.Process) -> None:
        """Read to the end, so that it never has to wait for somebody who reads."""
        assert process.stdout is not None
        while piece := await process.stdout.read(4096):
            self.text = (self.text + piece.decode(errors="replace"))[-MOST_OUTPUT:]
            if not self.is_ready and READY in self.text:
                self.is_ready = True
                self.settled.set()
        self.settled.set()


def _failure(done: Done, mode: Mode) -> TailscaleFailed:
    if is_not_permitted(done):
        return _NotPermitted(done.said)
    if taken := _TAKEN.search(f"{done.out}\n{done.err}"):
        port = taken.group(1)
        return TailscaleFailed(
            f"Tailscale HTTPS port {port} is already owned by a route whose ownership this gateway cannot prove; "
            "it was not modified",
            hint=f"tailscale serve status; a leftover goes by `tailscale serve --yes --https={port} --set-path=/ off`",
        )
    return TailscaleFailed(f"tailscale {mode} failed: {done.said}", hint="tailscale status; tailscale serve status")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let the keeper end the route, and end both when they take too long."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
