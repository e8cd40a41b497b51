"""What a gateway has to do before it counts as good."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import proofs
from command import CommandError
from gate import FailedError, NotYetError

SMOKE = {"message": "are you there?", "expect": None, "timeoutS": 5}


def saying(*texts: str, status: str = "ok") -> str:
    return json.dumps({"status": status, "result": {"payloads": [{"text": text} for text in texts]}})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[str, ...]]]:
    """Has the command answer each call with the next of these, and records what it was asked."""

    def answering(*answers: str | Exception) -> list[tuple[str, ...]]:
        calls: list[tuple[str, ...]] = []

        def openclaw(wish: dict[str, Any], *words: str, limit_s: float) -> str:
            calls.append(words)
            answer = answers[len(calls) - 1]
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(proofs, "openclaw", openclaw)
        return calls

    return answering


def test_a_gateway_that_does_not_let_its_command_in_is_waited_for(asked: Callable[..., Any]) -> None:
    """It may still be starting."""
    asked(CommandError("unauthorized"))
    with pytest.raises(NotYetError, match="is not let in: unauthorized"):
        proofs.connects({})
    asked("{}")
    proofs.connects({})


def test_a_turn_is_answered_in_a_session_that_goes_again(asked: Callable[..., Any]) -> None:
    """Nobody finds it in the list of conversations."""
    calls = asked(saying("Yes, READY."), "{}")
    proofs.answers_a_turn({"smoke": SMOKE | {"expect": "ready"}})
    assert calls[0][:3] == ("agent", "--message", "are you there?")
    session = calls[0][calls[0].index("--session-key") + 1]
    assert calls[1][:3] == ("gateway", "call", "sessions.delete") and session in calls[1][4]


@pytest.mark.parametrize(
    ("answer", "expect", "told"),
    [
        (saying("no"), "ready", "does not hold 'ready': no"),
        (saying(), None, "no answer to 'are you there\\?': ok"),
        (saying("half", status="error"), None, "no answer to 'are you there\\?': error"),
        (CommandError("no key"), None, "no answer to 'are you there\\?': no key"),
        ("not json", None, "no answer"),
    ],
)
def test_waiting_does_not_mend_a_turn_that_failed(
    asked: Callable[..., Any], answer: str | Exception, expect: str | None, told: str
) -> None:
    """The session goes all the same, and that it cannot is no fault of the release."""
    calls = asked(answer, CommandError("gone"))
    with pytest.raises(FailedError, match=told):
        proofs.answers_a_turn({"smoke": SMOKE | {"expect": expect}})
    assert len(calls) == 2
