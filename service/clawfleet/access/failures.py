"""Wrong credentials counted per caller and class: who fails too often waits, who guesses on this machine is slowed.

Classes are counted apart, so that a good device token passes while guesses at the shared secret are locked out.
Source: protocol §6 (failed-auth limit).
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from clawfleet.access.locality import Peer
from clawfleet.config.models.gateway import RateLimit
from clawfleet.core.clock import now_ms

CredentialClass = Literal["shared-secret", "device-token", "bootstrap-token"]

MAX_CALLERS = 10_000
"""Callers that are remembered; the one that failed longest ago is forgotten for a further one."""

FIRST_DELAY_MS = 250
LONGEST_DELAY_MS = 5_000


@dataclass(slots=True)
class _Record:
    failures: deque[int] = field(default_factory=deque)
    locked_until_ms: int = 0


class Failures:
    """What callers got wrong of late. `rules` gives the limits in force; `clock` gives milliseconds."""

    def __init__(self, rules: Callable[[], RateLimit], clock: Callable[[], int] = now_ms) -> None:
        self._rules = rules
        self._clock = clock
        self._records: OrderedDict[tuple[str, CredentialClass], _Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    def wait_ms(self, peer: Peer, kind: CredentialClass) -> int | None:
        """How long the caller must wait before its credential is looked at again; None when it need not."""
        record = self._records.get((key_of(peer), kind))
        if record is None or self._is_exempt(peer):
            return None
        left = record.locked_until_ms - self._clock()
        return left if left > 0 else None

    def add(self, peer: Peer, kind: CredentialClass) -> int:
        """Count a wrong credential; how many milliseconds its answer is to be held back."""
        rules, now, key = self._rules(), self._clock(), (key_of(peer), kind)
        record = self._records.setdefault(key, _Record())
        self._records.move_to_end(key)
        while len(self._records) > MAX_CALLERS:
            self._records.popitem(last=False)
        while record.failures and record.failures[0] <= now - rules.window_ms:
            record.failures.popleft()
        record.failures.append(now)
        if len(record.failures) > rules.max_attempts:
            record.failures.popleft()
        if self._is_exempt(peer):
            return delay_ms(len(record.failures))
        if len(record.failures) >= rules.max_attempts:
            record.locked_until_ms = now + rules.lockout_ms
            record.failures.clear()
        return 0

    def forget(self, peer: Peer, kind: CredentialClass) -> None:
        """The caller has shown the right one."""
        self._records.pop((key_of(peer), kind), None)

    def _is_exempt(self, peer: Peer) -> bool:
        """The owner at this machine must not lock himself out; a web page in his browser is not the owner."""
        return peer.is_local and self._rules().exempt_loopback and "origin" not in peer.headers


def key_of(peer: Peer) -> str:
    """Under which name a caller is counted: its address, or its web page where all pages share this machine's."""
    origin = peer.headers.get("origin")
    return f"origin {origin[:200]}" if origin is not None and peer.is_local else peer.client or "unknown"


def delay_ms(failures: int) -> int:
    """How long the answer to the n-th failure is held back: 250 ms, doubling, 5 s at the most."""
    return int(min(FIRST_DELAY_MS * 2 ** max(0, failures - 1), LONGEST_DELAY_MS))
