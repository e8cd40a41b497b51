"""The proof that a host can still be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from clawfleet.fleet.models.host import Connect
from control.reach import Reach
from control.second_connection import second_connection


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ssh does, one attempt after the other; the last one stays."""
    texts: list[str] = []
    monkeypatch.setattr("control.second_connection.AGAIN_S", 0)
    monkeypatch.setattr("control.second_connection.PATIENCE_S", 60)
    command = ["sh", "-c"]
    monkeypatch.setattr(Reach, "command", lambda *_, **__: [*command, texts.pop(0) if len(texts) > 1 else texts[0]])
    return texts


HOST = Reach("a", Connect(via="docker", hostname="a"), Path())


def test_a_server_that_reloads_refuses_for_a_moment(answers: list[str]) -> None:
    """That bars nobody."""
    answers[:] = ["echo Connection refused >&2; exit 255", "true"]
    assert second_connection(HOST) is None


def test_one_that_goes_on_refusing_bars_everybody(answers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words are told."""
    monkeypatch.setattr("control.second_connection.PATIENCE_S", 0)
    answers[:] = ["echo Warning >&2; echo Permission denied. >&2; exit 255"]
    assert second_connection(HOST) == "Permission denied."
    answers[:] = ["exit 255"]
    assert second_connection(HOST) == "exit code 255"
