"""The gateway process that other tests rely on: it is really there, really gone, and knows only its own world."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.gateway import GatewayFactory, GatewayProcess, free_port, merged, scrubbed_env


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as reply:
        return int(reply.status)


def test_a_gateway_is_ready_stops_and_starts_again(gateway: GatewayFactory) -> None:
    """Ready on its own port and state; SIGTERM ends it cleanly; the same one starts again and can be killed."""
    running = gateway()
    assert _status(f"{running.url}/readyz") == 200
    assert running.config_path.is_file()
    assert running.log_file.is_file()
    assert running.stop() == 0
    with pytest.raises(urllib.error.URLError):
        _status(f"{running.url}/healthz")
    assert _status(f"{running.start().url}/healthz") == 200
    running.kill()
    assert running.wait_exit() == -9


def test_a_gateway_that_cannot_start_says_why(gateway: GatewayFactory) -> None:
    """The failure of a test carries the gateway's own words."""
    with pytest.raises(AssertionError, match=r"ended with 78 before it was ready") as caught:
        gateway({"gateway": {"port": "not a port"}})
    assert "gateway.port" in str(caught.value)


def test_two_gateways_share_nothing(gateway: GatewayFactory) -> None:
    """Own port, own token, own state dir."""
    first, second = gateway(), gateway()
    assert len({first.port, second.port}) == len({first.token, second.token}) == 2
    assert first.state_dir != second.state_dir


def test_a_free_port_is_one_that_nobody_is_given_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the same twice in a row, none that is taken, and none of those that the system hands out."""
    first, second = free_port(), free_port()
    assert first != second
    assert max(first, second) < 32_768
    monkeypatch.setattr("tests.support.gateway.PORTS", iter([first, second]))
    with socket.create_server(("127.0.0.1", first)):
        assert free_port() == second


def test_no_secret_of_this_machine_reaches_a_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and OPENCLAW_* settings stay here; home and temp directory are the test's own."""
    monkeypatch.setenv("OPENAI_API_KEY", "not for tests")
    monkeypatch.setenv("OPENCLAW_STATE_DIR", "/somewhere")
    env = scrubbed_env(tmp_path)
    assert not [name for name in env if name.endswith("_KEY") or name.startswith("OPENCLAW")]
    assert (env["HOME"], env["TMPDIR"]) == (str(tmp_path), str(tmp_path / "tmp"))


def test_a_config_is_laid_over_a_working_one(tmp_path: Path) -> None:
    """Nested maps are joined, lists replaced; a token of the test's own is the one that counts."""
    assert merged({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}, "d": 3}) == {"a": {"b": 1, "c": [2]}, "d": 3}
    process = GatewayProcess(tmp_path, {"gateway": {"auth": {"token": "mine"}}})
    assert process.token == "mine"
    assert '"mode": "local"' in process.config_path.read_text(encoding="utf-8")
