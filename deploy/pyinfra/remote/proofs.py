"""Runs on a host: what a gateway has to do before it counts as good: let its own command in, and answer a turn.

The command is that of the release under test, run as the gateway's user: it finds the token in `.env` and shows it to
the gateway over the socket, as every client does. Standard library only.
"""

from __future__ import annotations

import json
import os
from typing import Any

from command import CommandError, openclaw
from gate import FailedError, NotYetError

CALL_LIMIT_S = 20
SESSION = "clawfleet-smoke"


def connects(wish: dict[str, Any]) -> None:
    """Returns when the gateway took the token and answered a call. Raises NotYetError."""
    try:
        openclaw(wish, "gateway", "call", "health", "--json", "--timeout", "10000", limit_s=CALL_LIMIT_S)
    except CommandError as error:
        raise NotYetError(f"its own command is not let in: {error}") from None


def answers_a_turn(wish: dict[str, Any]) -> None:
    """Returns when an agent answered in a session of its own, which is gone afterwards. Raises FailedError."""
    smoke = wish["smoke"]
    session = f"{SESSION}-{os.getpid()}"
    words = ("--message", smoke["message"], "--session-key", session, "--json", "--timeout", str(smoke["timeoutS"]))
    try:
        done = json.loads(openclaw(wish, "agent", *words, limit_s=smoke["timeoutS"] + CALL_LIMIT_S))
    except (CommandError, ValueError) as error:
        raise FailedError(f"no answer to {smoke['message']!r}: {error}") from None
    finally:
        forget(wish, session)
    text = spoken(done)
    if done.get("status") != "ok" or not text:
        raise FailedError(f"no answer to {smoke['message']!r}: {done.get('summary') or done.get('status')}")
    if smoke["expect"] and smoke["expect"].lower() not in text.lower():
        raise FailedError(f"the answer to {smoke['message']!r} does not hold {smoke['expect']!r}: {text[:200]}")


def spoken(done: dict[str, Any]) -> str:
    """The text of an answer."""
    payloads = (done.get("result") or {}).get("payloads") or []
    return "\n".join(str(payload.get("text") or "") for payload in payloads).strip()


def forget(wish: dict[str, Any], session: str) -> None:
    """Takes the session away; one that cannot be is no fault of the release."""
    try:
        params = json.dumps({"key": session})
        openclaw(wish, "gateway", "call", "sessions.delete", "--params", params, "--json", limit_s=CALL_LIMIT_S)
    except CommandError:
        return
