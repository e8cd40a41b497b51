"""Telling what happened to whoever listens, inside the process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger("clawfleet.events")

E = TypeVar("E")


class Bus(Generic[E]):
    """Calls every listener at once, in the order they came. Listeners must not block; their failures are logged."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[E], None]] = []

    def listen(self, listener: Callable[[E], None]) -> Callable[[], None]:
        """Call `listener` for every event from now on, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: E) -> None:
        """Hand `event` to every listener."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed on %s", type(event).__name__)
