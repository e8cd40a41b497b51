"""Walks from key to key and from model to model until one answers. What was shown is never said again.

It is handed everything it may ask and only decides what comes next; `client.Models` makes the calls.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from clawfleet.core.errors import GatewayError
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.providers.base import Event, Finished, ReasoningDelta, TextDelta, ThoughtSealed, ToolCalled
from clawfleet.models.providers.failures import CallFailed, MalformedCall, Site, empty_answer
from clawfleet.models.refs import ModelRef
from clawfleet.models.retrying import ENDS_ALL, Tried, next_key_may_help, wait_s

log = logging.getLogger("clawfleet.models")


@dataclass(frozen=True, slots=True)
class Switched:
    """From here on another model answers than the one that was asked."""

    ref: ModelRef
    wanted: ModelRef
    reason: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One model with one key."""

    ref: ModelRef
    key: Key


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a leg did not answer, or could not even be asked."""

    ref: ModelRef
    source: str | None
    reason: str

    def __str__(self) -> str:
        return f"{self.ref}{f' with {self.source}' if self.source else ''}: {self.reason.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Way:
    """All that may be asked for one model call, the best first. `misses` are what was ruled out beforehand."""

    wanted: ModelRef
    legs: Sequence[Leg]
    misses: Sequence[Miss] = ()
    session_id: str | None = None
    limit_s: float | None = None


Ask = Callable[[Leg], AsyncGenerator[Event, None]]


class Failover:
    """One model call on its way."""

    def __init__(
        self, way: Way, ask: Ask, ring: KeyRing, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._way = way
        self._ask = ask
        self._ring = ring
        self._sleep = sleep
        self._left = _ready(way.legs, ring)
        self._misses = [*way.misses, *(_resting(leg, ring) for leg in way.legs if leg not in self._left)]
        self._shown = False

    async def stream(self) -> AsyncGenerator[Event | Switched, None]:
        """The answer of the first that gives one. Raises the last failure, with the way that led to it."""
        last = self._way.wanted
        while self._left:
            leg = self._left.pop(0)
            if leg.ref != last:
                last = leg.ref
                yield Switched(leg.ref, self._way.wanted, self._misses[-1].reason if self._misses else "unavailable")
            async with aclosing(self._persist(leg)) as events:
                async for event in events:
                    if isinstance(event, CallFailed):
                        await self._give_up(leg, event)
                        break
                    yield event
                else:
                    await self._ring.succeeded(leg.key, leg.ref.provider, self._way.session_id)
                    return

    async def _persist(self, leg: Leg) -> AsyncGenerator[Event | CallFailed, None]:
        """The answer of one leg, asked again while that makes sense; its failure is the last element."""
        tries, began_ms = 0, self._ring.now_ms()
        while True:
            tries += 1
            try:
                async with aclosing(self._once(leg)) as events:
                    async for event in events:
                        yield event
                return
            except CallFailed as error:
                failure = error
            elapsed_s = (self._ring.now_ms() - began_ms) / 1000
            tried = Tried(tries, elapsed_s, bool(self._others(leg, failure)), random.random(), self._way.limit_s)  # noqa: S311
            wait = None if self._shown else wait_s(failure, tried)
            if wait is None:
                yield failure
                return
            log.info("%s: %s; asked again in %.1f s (try %d)", leg.ref, failure.reason, wait, tries)
            await self._sleep(wait)

    async def _once(self, leg: Leg) -> AsyncGenerator[Event, None]:
        """The answer of one call. Reasoning is not what was said: an answer that only thought so far may begin anew.

        What the model must be shown again is held back until there is an answer that it belongs to. Raises
        `EmptyAnswer` for an answer that ends without one.
        """
        held: list[Event] = []
        has_content = False
        async with aclosing(self._ask(leg)) as events:
            async for event in events:
                if isinstance(event, ThoughtSealed) and not has_content:
                    held.append(event)
                    continue
                if isinstance(event, TextDelta | ToolCalled):
                    has_content = self._shown = True
                elif isinstance(event, Finished) and event.stop_reason == "stop" and not has_content:
                    raise empty_answer(Site(leg.ref.provider, leg.ref.model, ""))
                if not isinstance(event, ReasoningDelta):
                    for kept in held:
                        yield kept
                    held.clear()
                yield event

    async def _give_up(self, leg: Leg, error: CallFailed) -> None:
        """Note the failure and see what is left. Raises it when nothing is, or when an answer had begun."""
        if not isinstance(error, MalformedCall):  # the key is not to blame
            await self._ring.failed(leg.key, error)
        self._misses.append(Miss(leg.ref, leg.key.source, error.reason))
        self._left = [] if self._shown or error.reason in ENDS_ALL else self._others(leg, error)
        following = str(self._left[0].ref) if self._left else "none"
        log.warning(
            "model fallback decision: decision=%s requested=%s candidate=%s reason=%s next=%s detail=%s",
            "rotate_profile" if self._left and self._left[0].ref == leg.ref else "candidate_failed",
            self._way.wanted,
            leg.ref,
            error.reason,
            following,
            error.message,
        )
        if not self._left:
            raise explained(error, self._misses)

    def _others(self, leg: Leg, error: CallFailed) -> list[Leg]:
        """What may still be asked after `error` of `leg`."""
        same_model = next_key_may_help(error.reason, is_profile=leg.key.profile is not None)
        spent = leg.key.id if error.reason in ("auth_permanent", "billing") or error.status == 401 else None
        return [
            other
            for other in self._left
            if (same_model or other.ref != leg.ref) and (other.key.id != spent or other.key.secret is None)
        ]


def explained(error: CallFailed, misses: Sequence[Miss]) -> CallFailed:
    """`error`, telling also of what was tried before it."""
    if len(misses) > 1:
        error.details["attempts"] = [
            {"provider": miss.ref.provider, "model": miss.ref.model, "source": miss.source, "reason": miss.reason}
            for miss in misses
        ]
        chain = "; ".join(dict.fromkeys(map(str, misses)))
        error.hint = f"{error.hint}. Tried: {chain}" if error.hint else f"Tried: {chain}"
    return error


def unusable(problems: Sequence[tuple[ModelRef, GatewayError]]) -> list[Miss]:
    """The misses of models that could not even be asked."""
    return [Miss(ref, None, error.message) for ref, error in problems]


def _ready(legs: Sequence[Leg], ring: KeyRing) -> list[Leg]:
    """The legs whose keys need no rest; if all do, the one that is free first: it is better to try than to refuse."""
    ready = [leg for leg in legs if not ring.blocked_until_ms(leg.key, leg.ref.model)]
    return ready or sorted(legs, key=lambda leg: ring.blocked_until_ms(leg.key, leg.ref.model))[:1]


def _resting(leg: Leg, ring: KeyRing) -> Miss:
    why = ring.health(leg.key).reason(ring.now_ms()) or "rate_limit"
    return Miss(leg.ref, leg.key.source, f"resting after {why}")
