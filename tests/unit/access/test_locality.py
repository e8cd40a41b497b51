"""Local is what the socket says, unless a proxy stands between."""

import pytest

from clawfleet.access.locality import Peer, is_forwarded, is_loopback


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True),
     ("192.168.1.4", False), ("testclient", False), (None, False)],
)  # fmt: skip
def test_loopback(address: str | None, expected: bool) -> None:
    assert is_loopback(address) is expected


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip"])
def test_a_forwarding_header_makes_a_caller_remote(header: str) -> None:
    assert is_forwarded({header: "1.2.3.4"})
    assert not Peer("127.0.0.1", {header: "1.2.3.4"}).is_local
    assert Peer("127.0.0.1", {"host": "evil.example"}).is_local
