"""The one way in which a running gateway takes up another config: whole and at once, or not at all.

Whatever can fail is made before anything is exchanged. Turns that are under way end with what they began with. What
cannot be exchanged while the gateway runs is left, with everything else that was written, to a restart in this process.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from clawfleet.access.gateway_auth import GatewayAuth
from clawfleet.agents.context import Manners
from clawfleet.agents.runs import Runs
from clawfleet.agents.shelf import Shelf
from clawfleet.agents.turn import Turns
from clawfleet.channels.base import Account
from clawfleet.channels.supervisor import Supervisor
from clawfleet.config.env import Instance, reread_env
from clawfleet.config.load import Snapshot, load_config
from clawfleet.config.plan import Change, hot_part, plan, row_of
from clawfleet.config.read import ConfigInvalid
from clawfleet.config.stamps import Stamp, stamps
from clawfleet.core.clock import now_ms
from clawfleet.core.errors import GatewayError
from clawfleet.core.tasks import Tasks
from clawfleet.host.tls_files import check_tls
from clawfleet.rpc.call import Current, Live, Reloaded
from clawfleet.rpc.clients import Caller, Clients
from clawfleet.runtime.options import RunOptions
from clawfleet.runtime.place import address_of, check_free, connected_accounts, settle_auth, with_options
from clawfleet.sessions.sessions import Sessions

log = logging.getLogger("clawfleet.gateway.reload")

ANSWER_MS = 250
"""What the answer to a request gets to reach its client before that client is hung up by what it asked for."""

AUTH_CHANGED = (4001, "gateway auth changed")
SHARED = frozenset({"token", "password"})
"""How those came in who showed the gateway's one secret; a device's own token stays good."""

MISSING_RETRIES = 3
MISSING_WAIT_S = 0.2
"""An editor that takes the file away before it puts the new one there gets so long."""

_ADDRESS = frozenset({"gateway.port", "gateway.bind", "gateway.customBindHost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The parts that another config reaches. `relog` makes the log follow it, `note_env` notes what `.env` says now."""

    auth: GatewayAuth
    sessions: Sessions
    runs: Runs
    channels: Supervisor
    clients: Clients
    relog: Callable[[Snapshot, GatewayAuth], None]
    note_env: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Next:
    """Everything that another config leads to, made and not yet in use."""

    instance: Instance
    snapshot: Snapshot
    auth: GatewayAuth
    accounts: tuple[Account, ...]
    changes: tuple[Change, ...]
    restarts: bool


class Reload:
    """Takes up configs, one at a time (`rpc.call.Control`). `restart_wanted` is set once a restart is due."""

    def __init__(self, live: Live, reached: Reached, options: RunOptions) -> None:
        self._live = live
        self._reached = reached
        self._options = options
        self._one_at_a_time = asyncio.Lock()
        self._tasks = Tasks()
        self._restarts_at = math.inf
        self._looked_at = live.current.snapshot.texts
        self._included = tuple(live.current.snapshot.included)
        self._told: tuple[str, dict[Path, Stamp]] | None = None
        self.restart_wanted = asyncio.Event()

    def check(self, snapshot: Snapshot) -> None:
        """Raise what stands in the way of running with `snapshot`. Blocks on the disk."""
        current = self._live.current
        self._next(current.instance, snapshot)
        hosts, port = address_of(current.instance, with_options(snapshot, self._options), self._options)
        if port != address_of(current.instance, current.snapshot, self._options)[1]:
            check_free(current.instance, hosts, port)

    @property
    def watched(self) -> tuple[Path, ...]:
        """The config file and those that it includes."""
        return (self._live.current.snapshot.path, *self._included)

    @property
    def debounce_s(self) -> float:
        """How long the files must stay the same before they are read."""
        return self._live.current.snapshot.config.gateway.reload.debounce_ms / 1000

    def planned(self) -> Reloaded:
        """What taking up the config file would change. Raises what stands in the way. Blocks on the disk."""
        coming = self._read(False)
        return Reloaded(coming.snapshot, coming.changes, coming.restarts)

    async def reload(self, *, reread_env: bool = False, delay_ms: int | None = None) -> Reloaded:
        """Take up what the config file says now. Raises what stands in the way; then nothing has changed."""
        async with self._one_at_a_time:
            try:
                coming = await asyncio.to_thread(self._read, reread_env)
            except ConfigInvalid as error:
                self._skip(error)
                raise
            done = await self._take_up(coming, delay_ms)
            if reread_env and not done.restarts:
                await asyncio.to_thread(self._reached.note_env)
            return done

    async def follow(self) -> None:
        """Take up what somebody else wrote into the watched files, as `gateway.reload.mode` wants it.

        What cannot be used is told once and left. What this gateway wrote itself is in force already.
        """
        async with self._one_at_a_time:
            try:
                coming = await self._found()
            except GatewayError as error:
                if self._told != (_reason(error), stamps(self.watched)):
                    self._skip(error)
                self._told = _reason(error), stamps(self.watched)
                return
            self._told = None
            if coming is None or coming.snapshot.texts == self._looked_at:
                return
            self._looked_at = coming.snapshot.texts
            if coming.changes:
                await self._follow_to(coming)

    async def _found(self) -> _Next | None:
        """What the files say; None when there is no config file any more, which is told."""
        for _ in range(MISSING_RETRIES):
            coming = await asyncio.to_thread(self._read, False)
            if coming.snapshot.exists or not self._live.current.snapshot.exists:
                return coming
            await asyncio.sleep(MISSING_WAIT_S)
        log.warning("config reload skipped (config file not found)")
        return None

    async def _follow_to(self, coming: _Next) -> None:
        wanted = coming.snapshot.config.gateway.reload.mode
        if wanted == "off":
            log.info("config reload disabled (gateway.reload.mode=off)")
            return
        if wanted == "hot" and coming.restarts:
            await self._take_up_hot_part(coming)
            return
        if coming.restarts:
            try:
                await asyncio.to_thread(self.check, coming.snapshot)
            except GatewayError as error:
                self._skip(error)
                return
        await self._take_up(coming, None)

    async def _take_up_hot_part(self, coming: _Next) -> None:
        """Apply what can be applied; the rest stays as it is, and stays a difference."""
        hot = hot_part(self._live.current.snapshot, coming.snapshot)
        rest = self._next(coming.instance, hot) if hot else coming
        waiting = [change for change in coming.changes if rest.restarts or change.kind == "restart"]
        if rest.changes and not rest.restarts:
            await self._take_up(rest, None)
        for change in waiting:
            log.info("config plan: %s", row_of(change))
        log.warning("restart required for: %s", ", ".join(change.path for change in waiting))

    async def _take_up(self, coming: _Next, delay_ms: int | None) -> Reloaded:
        before = self._live.current.snapshot
        paths = ", ".join(change.path for change in coming.changes)
        if paths:
            log.info("config change detected; evaluating reload (%s)", paths)
        for change in coming.changes:
            log.info("config plan: %s", row_of(change))
        if coming.restarts:
            log.info("config change requires gateway restart (%s) — preparing", paths)
            self.restart("config change", delay_ms)
        else:
            await self._apply(coming)
            if paths:
                log.info("config hot reload applied (%s)", paths)
        snapshot = coming.snapshot
        for issue in snapshot.warnings:
            if issue not in before.warnings:
                log.warning("config: %s: %s", issue.path, issue.message)
        self._looked_at, self._included = snapshot.texts, tuple(snapshot.included)
        if coming.changes:
            payload = {"path": str(snapshot.path), "hash": self._live.hash_of(snapshot.text), "ts": now_ms()}
            self._reached.clients.tell("config.changed", payload)
        return Reloaded(snapshot, coming.changes, coming.restarts)

    def _skip(self, error: GatewayError) -> None:
        """Say why the running config is kept."""
        if isinstance(error, ConfigInvalid):
            self._included = tuple(dict.fromkeys((*self._included, *error.included)))
        log.warning("config reload skipped %s", _reason(error))

    def restart(self, reason: str, delay_ms: int | None = None) -> None:
        """Build the gateway anew in this process; returns at once. Of several that are due the earliest counts."""
        delay_s = (ANSWER_MS if delay_ms is None else delay_ms) / 1000
        due_at = asyncio.get_running_loop().time() + delay_s
        if due_at >= self._restarts_at:
            return
        log.info("restarting: %s", reason)
        self._restarts_at = due_at
        self._tasks.start(self._restart_in(delay_s), name="restart")

    async def close(self) -> None:
        """Do nothing more."""
        await self._tasks.close()

    async def _restart_in(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        self.restart_wanted.set()

    def _read(self, with_env: bool) -> _Next:
        current = self._live.current
        instance = reread_env(current.instance) if with_env else current.instance
        return self._next(instance, load_config(instance))

    def _next(self, instance: Instance, loaded: Snapshot) -> _Next:
        snapshot, current = with_options(loaded, self._options), self._live.current
        auth = settle_auth(instance, snapshot, self._options)
        if (tls := snapshot.config.gateway.tls) != current.snapshot.config.gateway.tls:
            check_tls(tls, instance)
        here = address_of(current.instance, current.snapshot, self._options)
        moves = here != address_of(instance, snapshot, self._options)
        changes = tuple(
            replace(change, kind="none")  # what a flag or the environment decides changes nothing
            if (change.path in _ADDRESS and not moves)
            or (change.path == "gateway.auth.mode" and auth.mode == self._reached.auth.mode)
            else change
            for change in plan(current.snapshot, snapshot)
        )
        restarts = auth.mode != self._reached.auth.mode or any(change.kind == "restart" for change in changes)
        return _Next(instance, snapshot, auth, connected_accounts(instance, snapshot), changes, restarts)

    async def _apply(self, coming: _Next) -> None:
        """Exchange everything in one step of the event loop; only then deal with sockets and accounts."""
        old, config, reached = self._live.current, coming.snapshot.config, self._reached
        models = old.models.renewed(config, coming.snapshot.environ)
        toolbox = old.toolbox.renewed(config, coming.instance.environ)
        new = Current.of(coming.instance, coming.snapshot, models, toolbox)
        limits = config.agents.defaults
        self._live.current = new
        reached.runs.adopt(
            Turns(
                models=models,
                toolbox=toolbox,
                sessions=reached.sessions,
                roster=new.roster,
                manners=Manners(config.agents, Shelf.of(new.instance, new.snapshot)),
            ),
            max_concurrent=limits.max_concurrent,
            most_subagents=limits.subagents.max_concurrent,
            timeout_s=limits.timeout_seconds,
        )
        self._tasks.start(models.ask_local(), name="local models")
        reached.relog(coming.snapshot, coming.auth)
        if reached.auth.adopt(coming.auth):
            known_before = {caller.conn_id for caller in reached.clients.callers()}
            self._tasks.start(self._hang_up(known_before), name="auth-changed")
        await reached.channels.adopt(coming.accounts)

    async def _hang_up(self, conn_ids: set[str]) -> None:
        await asyncio.sleep(ANSWER_MS / 1000)
        gone = self._reached.clients.hang_up(partial(_came_in_by_secret, conn_ids), *AUTH_CHANGED)
        log.info("the gateway's secret changed: %d clients have to show the new one", gone)


def _came_in_by_secret(conn_ids: set[str], caller: Caller) -> bool:
    return caller.conn_id in conn_ids and caller.auth_method in SHARED


def _reason(error: GatewayError) -> str:
    if isinstance(error, ConfigInvalid):
        return f"(invalid config): {'; '.join(f'{issue.path}: {issue.message}' for issue in error.issues)}"
    return f"(it cannot run): {error.message}"
