"""A client that goes by a fingerprint talks to nobody else."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from clawfleet.host.tls_pin import PinnedContext, WrongCertificate
from tests.support.tls_server import https_server


def connected(port: int, pin: str | None) -> str:
    """The path that the server was asked for, by its own answer."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as sock,
        PinnedContext.of(pin).wrap_socket(sock, server_hostname="elsewhere.example") as tls,
    ):
        tls.sendall(b"GET /here HTTP/1.0\r\n\r\n")
        return b"".join(iter(lambda: tls.recv(4096), b"")).decode()


def test_the_pinned_certificate_is_trusted_whatever_name_it_bears(tmp_path: Path) -> None:
    with https_server(tmp_path) as (port, fingerprint):
        assert '"path": "/here"' in connected(port, fingerprint)
        assert '"path": "/here"' in connected(port, None)


def test_another_one_is_told_nothing(tmp_path: Path) -> None:
    with https_server(tmp_path) as (port, fingerprint), pytest.raises(WrongCertificate) as caught:
        connected(port, "0" * 64)
    assert fingerprint in caught.value.message
    assert "tlsFingerprint" in str(caught.value.hint)
