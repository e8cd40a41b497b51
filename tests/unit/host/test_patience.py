"""Waiting under launchd until a gateway can be started."""

from __future__ import annotations

import pytest

from clawfleet.core.errors import ConfigError, HostError
from clawfleet.host.patience import keep_trying


def test_it_starts_once_what_was_wrong_is_mended() -> None:
    """Said once while it stays the same, anew when it changes."""
    troubles = ["port taken", "port taken", "config broken"]
    said: list[str] = []
    pauses: list[float] = []

    def start() -> int:
        if troubles:
            raise ConfigError(troubles.pop(0))
        return 0

    assert keep_trying(start, said.append, pauses.append) == 0
    assert [text.partition(";")[0] for text in said] == ["port taken", "config broken"]
    assert pauses == [5.0] * 3


def test_it_is_said_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("clawfleet.host.patience.time.monotonic", lambda: now[0])
    said: list[str] = []
    left = [30]

    def start() -> int:
        left[0] -= 1
        if left[0]:
            raise ConfigError("port taken")
        return 0

    def pause(seconds: float) -> None:
        now[0] += seconds

    keep_trying(start, said.append, pause)
    assert len(said) == 3


def test_other_failures_are_not_waited_for() -> None:
    def start() -> int:
        raise HostError("disk on fire")

    with pytest.raises(HostError, match="disk on fire"):
        keep_trying(start, print, lambda _: None)
