"""The first frame: what comes in, and how everything else is turned away."""

import json
from typing import Any

import pytest

from clawfleet.protocol.handshake import Connect, Refused, read_connect

CLIENT = {"id": "cli", "version": "1", "platform": "linux", "mode": "cli"}


def frame(method: str = "connect", **params: Any) -> str:
    body = {"minProtocol": 4, "maxProtocol": 4, "client": CLIENT} | params
    return json.dumps({"type": "req", "id": "1", "method": method, "params": body})


def test_a_connect_is_read_with_its_defaults() -> None:
    connect = read_connect(frame(scopes=["operator.read", "made.up"], caps=["tool-events", "newer"]))
    assert isinstance(connect, Connect)
    assert connect.params.role == "operator"
    assert connect.params.scopes == ("operator.read", "made.up")
    assert connect.protocol == 4


@pytest.mark.parametrize(("low", "high", "spoken"), [(4, 4, 4), (3, 4, 4), (1, 9, 4), (3, 3, 3)])
def test_every_client_from_the_seeds_time_on_is_understood(low: int, high: int, spoken: int) -> None:
    connect = read_connect(frame(minProtocol=low, maxProtocol=high))
    assert isinstance(connect, Connect)
    assert connect.protocol == spoken


@pytest.mark.parametrize(("low", "high"), [(5, 6), (1, 2)])
def test_another_protocol_is_refused_with_both_numbers(low: int, high: int) -> None:
    refused = read_connect(frame(minProtocol=low, maxProtocol=high))
    assert isinstance(refused, Refused)
    assert (refused.close_code, refused.message) == (1002, "protocol mismatch")
    assert refused.details["clientMaxProtocol"] == high
    assert refused.details["expectedProtocol"] == 4


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ("not json", 1000, ""),
        ('{"type":"event"}', 1008, "invalid request frame"),
        (frame("health"), 1008, "invalid handshake: first request must be connect"),
        (frame(foo=1), 1008, "invalid connect params: at root: unexpected property 'foo'"),
        (frame(client={**CLIENT, "id": "nope"}), 1008,
         "invalid connect params: at /client/id: must be equal to one of the allowed values"),
        (frame(client={k: v for k, v in CLIENT.items() if k != "mode"}), 1008,
         "invalid connect params: at /client: must have required property 'mode'"),
        (frame(role="emperor"), 1008, "invalid role"),
        ("x" * 65_537, 1009, "the first frame has 65537 bytes, 65536 are allowed before connect"),
    ],
)  # fmt: skip
def test_everything_else_is_turned_away_with_its_reason(data: str, code: int, message: str) -> None:
    refused = read_connect(data)
    assert isinstance(refused, Refused)
    assert (refused.close_code, refused.message) == (code, message)


def test_a_secret_is_in_no_repr() -> None:
    connect = read_connect(frame(auth={"token": "s3cret", "password": "s3cret"}))
    assert isinstance(connect, Connect)
    assert "s3cret" not in repr(connect)
