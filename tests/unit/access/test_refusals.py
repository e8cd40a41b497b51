"""How clients are turned away: what the hints say. The words themselves are in the gate's own table."""

import json

import pytest

from clawfleet.access.refusals import Identity, explained
from clawfleet.protocol.handshake import Connect, Refused, read_connect

HERE = Identity("id", 1, 2, ".openclaw-work", "openclaw --profile work")


def refused(code: str, **details: str) -> Refused:
    return Refused(1008, "m", "1", details={"code": code, **details}, retry_after_ms=1500)


@pytest.mark.parametrize(
    ("code", "origin", "hint"),
    [
        ("AUTH_DEVICE_TOKEN_MISMATCH", None, "openclaw --profile work dashboard"),
        ("AUTH_TOKEN_MISSING", None, "this gateway's secret is in the link of: openclaw --profile work dashboard"),
        ("AUTH_RATE_LIMITED", None, "wait 2 s"),
        ("DEVICE_AUTH_SIGNATURE_EXPIRED", None, "set the clock"),
        ("CONTROL_UI_ORIGIN_NOT_ALLOWED", "https://a.example", "allowedOrigins '[\"https://a.example\"]'"),
        ("CONTROL_UI_ORIGIN_NOT_ALLOWED", "null", "open a page with a fresh link"),
        ("CONTROL_UI_ORIGIN_NOT_ALLOWED", "x'; rm -rf ~ #", "allowedOrigins '[\"xrm-rf\"]'"),
    ],
)
def test_the_hint_names_the_command_that_mends_it(code: str, origin: str | None, hint: str) -> None:
    details = explained(refused(code), HERE, origin).details
    assert hint in details["hint"]
    assert details["gateway"] == {"instanceId": "id", "port": 1, "pid": 2, "stateDir": ".openclaw-work"}


def test_a_waiting_device_is_named_in_the_command() -> None:
    details = explained(refused("PAIRING_REQUIRED", requestId="r-1"), HERE, None).details
    assert details["hint"] == "openclaw --profile work devices approve r-1"


def test_the_message_stays_what_people_search_for() -> None:
    read = read_connect(json.dumps({"type": "req", "id": "1", "method": "connect", "params": {
        "minProtocol": 4, "maxProtocol": 4, "client": {"id": "cli", "version": "1", "platform": "x", "mode": "cli"},
    }}))  # fmt: skip
    assert isinstance(read, Connect)
    plain = refused("AUTH_TOKEN_MISSING")
    assert explained(plain, HERE, None).message == plain.message
