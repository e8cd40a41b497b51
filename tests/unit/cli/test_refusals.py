"""A refused connect in words: what, where, and the command that mends it."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.cli.refusals import connect_refused

GATEWAY = {"instanceId": "0badcafe", "port": 18789, "pid": 4711, "stateDir": ".openclaw-lab"}


def pairing(reason: str, **more: Any) -> dict[str, Any]:
    """A refusal that waits for an approval."""
    details = {"code": "PAIRING_REQUIRED", "reason": reason, "requestId": "r-1", **more}
    return {"code": "NOT_PAIRED", "message": "pairing required: …", "details": details}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("not-paired", "device pairing required (requestId: r-1)"),
        ("scope-upgrade", "scope upgrade pending approval (requestId: r-1)"),
        ("role-upgrade", "role upgrade pending approval (requestId: r-1)"),
        ("metadata-upgrade", "device metadata change pending approval (requestId: r-1)"),
    ],
)
def test_a_pending_approval_names_the_command_to_run(reason: str, words: str) -> None:
    refusal = connect_refused(pairing(reason, hint="something else"))
    assert refusal.message == words
    assert refusal.hint == "on the gateway's host: openclaw devices approve r-1"
    assert (refusal.detail_code, refusal.details["requestId"]) == ("PAIRING_REQUIRED", "r-1")
    assert refusal.exit_code == 1


def test_the_gateways_own_command_knows_its_profile() -> None:
    refusal = connect_refused(pairing("not-paired", hint="openclaw --profile lab devices approve r-1"))
    assert refusal.hint == "on the gateway's host: openclaw --profile lab devices approve r-1"


def test_the_gateway_that_refused_is_named() -> None:
    refusal = connect_refused(pairing("not-paired", gateway=GATEWAY))
    assert refusal.hint is not None
    assert refusal.hint.endswith("\nanswered by gateway 0badcafe (port 18789, pid 4711, state dir .openclaw-lab)")


def test_the_gateways_own_advice_goes_before_ours() -> None:
    details = {"code": "AUTH_TOKEN_MISMATCH", "hint": "openclaw dashboard --no-open prints it"}
    assert connect_refused({"message": "no", "details": details}).hint == details["hint"]
    assert connect_refused({"message": "no", "details": {"code": "AUTH_TOKEN_MISMATCH"}}).hint is not None


def test_a_refusal_without_details_is_told_as_it_came() -> None:
    refusal = connect_refused({"code": "INVALID_REQUEST", "message": "invalid role"})
    assert (refusal.message, refusal.detail_code, refusal.hint) == (
        "gateway connect failed: invalid role",
        "INVALID_REQUEST",
        None,
    )


def test_a_lockout_says_for_how_long() -> None:
    error = {"message": "too many", "retryAfterMs": 9000, "details": {"code": "AUTH_RATE_LIMITED"}}
    assert connect_refused(error).details["retryAfterMs"] == 9000
