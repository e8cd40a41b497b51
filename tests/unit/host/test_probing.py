"""Probe endpoints are asked as they are served."""

from __future__ import annotations

import socket
from pathlib import Path

from clawfleet.host.probing import ask, ask_by_tls
from tests.support.tls_server import https_server
from tests.unit.host.conftest import STARTED, StartStandIn


def test_a_port_in_clear_text_is_asked_so(stand_in: StartStandIn) -> None:
    assert ask("127.0.0.1", stand_in(STARTED).port, "/startupz", timeout_s=10) == STARTED


def test_a_port_that_speaks_tls_is_asked_again_by_tls(tmp_path: Path) -> None:
    with https_server(tmp_path) as (port, fingerprint):
        answer = ask("127.0.0.1", port, "/readyz", timeout_s=10)
        assert answer is not None
        assert answer["path"] == "/readyz"
        assert ask_by_tls("127.0.0.1", port, "/readyz", timeout_s=10, pin=fingerprint) == answer
        assert ask_by_tls("127.0.0.1", port, "/readyz", timeout_s=10, pin="0" * 64) is None


def test_what_answers_otherwise_or_not_at_all_is_none(stand_in: StartStandIn) -> None:
    assert ask("127.0.0.1", stand_in(["a", "list"]).port, "/startupz", timeout_s=10) is None
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert ask("127.0.0.1", silent.getsockname()[1], "/readyz", timeout_s=0.05) is None
        port = silent.getsockname()[1]
    assert ask("127.0.0.1", port, "/readyz", timeout_s=1) is None
