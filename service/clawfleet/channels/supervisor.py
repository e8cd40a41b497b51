"""Keeps every account connected: one task each, started again with growing pauses, stopped together.

Sending goes through here too, so that retries and the status rows are in one place for all channels.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from clawfleet.channels.base import Account, Channel, Deliver, Envelope, Link, Outbound, Probe, Sent
from clawfleet.channels.failures import LibraryMissing, NoSuchAccount, TokenRejected, TooFast
from clawfleet.channels.registry import open_channel
from clawfleet.channels.retry import Pace, try_thrice
from clawfleet.channels.status import AccountStatus
from clawfleet.core.errors import GatewayError
from clawfleet.core.tasks import Tasks

log = logging.getLogger("clawfleet.channels")

FIRST_PAUSE_S = 1.0
MOST_PAUSE_S = 60.0
STABLE_MS = 60_000
"""An account that was connected this long starts its pauses from the first again."""

STOP_S = 5.0


class Supervisor:
    """All accounts of the gateway. `open_adapter` and `pace` are replaced in tests."""

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        open_adapter: Callable[[Account], Channel] = open_channel,
        pace: Pace | None = None,
    ) -> None:
        self._open_adapter = open_adapter
        self._pace = pace or Pace()
        self._status = {(a.channel, a.account): AccountStatus(a, Link(), last_error=a.problem) for a in accounts}
        self._channels: dict[tuple[str, str], Channel] = {}
        self._opening = asyncio.Lock()
        self._tasks = Tasks()
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._deliver: Deliver | None = None

    def start(self, deliver: Deliver) -> None:
        """Connect every enabled and configured account; returns at once."""
        self._deliver = deliver
        for key in self._status:
            self._connect(key)

    async def adopt(self, accounts: Iterable[Account]) -> None:
        """Have these accounts from now on: who is gone or differs is disconnected, who is new or differs connected.

        An account that stays as it is notices nothing.
        """
        wanted = {(account.channel, account.account): account for account in accounts}
        changed = [key for key, row in self._status.items() if wanted.get(key) != row.account]
        kept = {key: row for key, row in self._status.items() if key not in changed}
        self._status = {
            key: kept.get(key) or AccountStatus(account, Link(), last_error=account.problem)
            for key, account in wanted.items()
        }
        adapters = [self._channels.pop(key) for key in changed if key in self._channels]
        await self._stop([self._running[key] for key in changed if key in self._running])
        await self._let_go(adapters)
        if self._deliver is not None:
            for key in self._status:
                if key not in kept:
                    self._connect(key)

    def start_account(self, channel: str, account: str) -> bool:
        """Connect one account, until the next restart or config; False when it is connected or cannot be."""
        key = (channel, account)
        if key not in self._status:
            raise NoSuchAccount(channel, account)
        before = self._running.get(key)
        if before is None:
            self._connect(key)
        return before is None and key in self._running

    async def stop_account(self, channel: str, account: str) -> bool:
        """Disconnect one account after the message in its hand; False when it was not connected."""
        key = (channel, account)
        if key not in self._status:
            raise NoSuchAccount(channel, account)
        running = self._running.get(key)
        if running is not None:
            await self._stop([running])
        return running is not None

    def _connect(self, key: tuple[str, str]) -> None:
        status = self._status[key]
        if self._deliver is None or not (status.account.enabled and status.account.configured):
            return
        task = self._tasks.start(self._keep(status, self._deliver), name=f"channel:{':'.join(key)}")
        self._running[key] = task
        task.add_done_callback(lambda ended: self._ended(key, ended))

    def _ended(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        if self._running.get(key) is task:
            del self._running[key]

    async def stop_receiving(self) -> None:
        """Disconnect all accounts side by side, each after the message in its hand; sending still works."""
        self._deliver = None
        await self._stop(list(self._running.values()))

    async def _stop(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks and (late := (await asyncio.wait(tasks, timeout=STOP_S))[1]):
            log.warning("did not stop within %g s: %s", STOP_S, ", ".join(task.get_name() for task in late))
            for task in late:
                task.cancel()

    async def close(self) -> None:
        """Stop receiving and let go of every connection; nothing is sent afterwards."""
        await self.stop_receiving()
        channels, self._channels = list(self._channels.values()), {}
        await self._let_go(channels)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await self._tasks.close()  # what has not ended yet works for nobody any more

    async def _let_go(self, channels: list[Channel]) -> None:
        closing = [self._tasks.start(channel.close(), name=f"close:{channel.id}") for channel in channels]
        if closing:
            await asyncio.wait(closing, timeout=STOP_S)

    def rows(self, channel: str | None = None) -> tuple[AccountStatus, ...]:
        """The accounts, of one channel or of all, in the order of the config."""
        return tuple(row for row in self._status.values() if channel in (None, row.account.channel))

    async def probe(self, channel: str | None = None, *, timeout_s: float = 10.0) -> tuple[AccountStatus, ...]:
        """The rows after every usable account was asked, side by side, whether its platform knows it."""
        rows = self.rows(channel)
        usable = [row for row in rows if row.account.enabled and row.account.configured]
        await asyncio.gather(*(self._probe(row, timeout_s) for row in usable))
        return rows

    async def send(self, channel: str, account: str, message: Outbound, *, progress: list[Sent] | None = None) -> Sent:
        """Send `message` in its parts, each tried up to three times; the platform's ids of all parts.

        `progress` collects what was sent, part by part. A caller that keeps it and calls again after a failure
        resumes with the first part that is missing. Raises a leaf of `ChannelError`.
        """
        status = self._status.get((channel, account))
        if status is None or not status.account.enabled:
            raise NoSuchAccount(channel, account)
        adapter = await self._adapter(status)
        done: list[Sent] = [] if progress is None else progress
        parts = await asyncio.to_thread(adapter.split, message)
        for part in parts[len(done) :]:
            done.append(await try_thrice(partial(adapter.send, part), self._pace))
            status.last_outbound_at_ms = self._pace.now_ms()
        return Sent(tuple(message_id for sent in done for message_id in sent.message_ids))

    async def typing(self, channel: str, account: str, chat_id: str, thread_id: str | None) -> float | None:
        """Show that an answer is being made; how many seconds that is seen, None when there is no such account."""
        status = self._status.get((channel, account))
        if status is None or not status.account.enabled or not status.account.configured:
            return None
        adapter = await self._adapter(status)
        await adapter.typing(chat_id, thread_id)
        return adapter.typing_every_s

    async def _adapter(self, status: AccountStatus) -> Channel:
        """The adapter of an account, made at first use. Raises `LibraryMissing`, `NoSuchAccount`."""
        key = (status.account.channel, status.account.account)
        async with self._opening:
            if key not in self._channels:
                # importing a platform's library takes half a second; the loop goes on meanwhile
                self._channels[key] = await asyncio.to_thread(self._open_adapter, status.account)
                status.link = self._channels[key].link
            return self._channels[key]

    async def _keep(self, status: AccountStatus, deliver: Deliver) -> None:
        """Run one account for as long as the gateway runs."""

        async def note_and_deliver(envelope: Envelope) -> None:
            status.last_inbound_at_ms = self._pace.now_ms()
            await self._finish(deliver, envelope)

        failures = 0
        while True:
            stable, error = await self._run_once(status, note_and_deliver)
            failures = 1 if stable else failures + 1
            status.last_error = error.message
            log.warning(
                "%s account %s stopped: %s%s",
                *(
                    status.account.channel,
                    status.account.account,
                    error.message,
                    f" ({error.hint})" if error.hint else "",
                ),
            )
            if isinstance(error, LibraryMissing):
                return
            status.waiting = True
            await self._pace.sleep(self._pause_s(failures, error))
            status.waiting = False
            status.restarts += 1

    async def _finish(self, deliver: Deliver, envelope: Envelope) -> None:
        """Deal with one message to its end, also when a stop comes meanwhile; the stop then follows at once.

        Cut short, it would come again after a restart although its answer may have been sent.
        """

        async def attempt() -> GatewayError | None:
            try:
                await deliver(envelope)
            except GatewayError as error:
                return error
            return None

        await asyncio.sleep(0)  # a stop that came with the message before takes effect here
        work = self._tasks.start(attempt(), name="deliver")
        try:
            error = await asyncio.shield(work)
        except asyncio.CancelledError:
            error = await work
            if (task := asyncio.current_task()) is not None:
                task.cancel()
        if error is not None:
            raise error

    async def _run_once(self, status: AccountStatus, deliver: Deliver) -> tuple[bool, GatewayError]:
        """Run until it breaks; (whether it had been connected for a good while, why it broke)."""
        now = status.last_start_at_ms = self._pace.now_ms()
        status.running = True
        connected_at: int | None = None
        try:
            await (await self._adapter(status)).run(deliver)
            error = GatewayError("the connection ended")
        except GatewayError as failure:
            error = failure
        except Exception:
            log.exception("%s account %s failed by a bug", status.account.channel, status.account.account)
            error = GatewayError("failed inside the gateway; see the log")
        finally:
            now = status.last_stop_at_ms = self._pace.now_ms()
            connected_at = status.link.connected_at_ms
            status.last_connected_at_ms = connected_at or status.last_connected_at_ms
            status.link.down()
            status.running = False
        return connected_at is not None and now - connected_at >= STABLE_MS, error

    def _pause_s(self, failures: int, error: GatewayError) -> float:
        """Seconds until the next try. A refused token is not worth more than one try a minute."""
        if isinstance(error, TokenRejected):
            return MOST_PAUSE_S
        asked_s = error.retry_after_s if isinstance(error, TooFast) else 0.0
        return max(asked_s, self._pace.backoff_s(failures, FIRST_PAUSE_S, MOST_PAUSE_S))

    async def _probe(self, status: AccountStatus, timeout_s: float) -> None:
        started = self._pace.now_ms()
        try:
            async with asyncio.timeout(timeout_s):
                status.probe = await (await self._adapter(status)).probe()
        except TimeoutError:
            status.probe = Probe(ok=False, error=f"no answer within {timeout_s:g} s")
        except GatewayError as error:
            status.probe = Probe(ok=False, error=error.message)
        status.last_probe_at_ms = self._pace.now_ms()
        status.probe_ms = status.last_probe_at_ms - started
