"""Sockets of the one port."""

import socket

import pytest

from clawfleet.core.errors import ConfigError
from clawfleet.server.listen import CannotBind, hosts_of, listen


def test_binds_name_their_addresses() -> None:
    assert hosts_of("loopback", None) == ("127.0.0.1", "::1")
    assert hosts_of("lan", None) == ("0.0.0.0",)
    assert hosts_of("custom", "10.0.0.5") == ("10.0.0.5", "127.0.0.1")
    assert hosts_of("custom", "0.0.0.0") == ("0.0.0.0",)


def test_the_tailnet_is_its_address_and_loopback_and_loopback_alone_while_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clawfleet.server.listen.tailnet_address", lambda: "100.101.102.103")
    assert hosts_of("tailnet", None) == ("100.101.102.103", "127.0.0.1")
    monkeypatch.setattr("clawfleet.server.listen.tailnet_address", lambda: None)
    assert hosts_of("tailnet", None) == ("127.0.0.1", "::1")


def test_port_zero_is_one_port_for_every_family() -> None:
    sockets = listen(("127.0.0.1", "::1"), 0)
    ports = {made.getsockname()[1] for made in sockets}
    for made in sockets:
        made.close()
    assert len(ports) == 1


def test_a_taken_port_and_a_foreign_address_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(CannotBind) as caught:
            listen(("127.0.0.1",), taken.getsockname()[1])
        assert caught.value.is_taken
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1"):
        listen(("192.0.2.1",), 0)
