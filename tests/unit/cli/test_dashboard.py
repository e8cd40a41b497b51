"""`openclaw dashboard`."""

from __future__ import annotations

import json
import socket

import pytest

from tests.unit.cli.conftest import TOKEN, FakeGateway, Home, OpenClaw


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that a browser would have been given."""
    urls: list[str] = []

    def take(url: str) -> bool:
        urls.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", take)
    return urls


def test_the_address_has_the_token(own: FakeGateway, openclaw: OpenClaw, opened: list[str]) -> None:
    result = openclaw("dashboard", "--no-open")
    assert result.stdout == f"Dashboard URL: http://127.0.0.1:{own.port}/#token={TOKEN}\n"
    assert opened == []


def test_the_browser_is_opened_unless_told_not_to(own: FakeGateway, openclaw: OpenClaw, opened: list[str]) -> None:
    result = openclaw("dashboard")
    assert opened == [f"http://127.0.0.1:{own.port}/#token={TOKEN}"]
    assert "Opened in your browser." in result.stdout


def test_json_has_the_keys_of_openclaw(own: FakeGateway, openclaw: OpenClaw, opened: list[str]) -> None:
    assert json.loads(openclaw("dashboard", "--json").stdout) == {
        "ok": True,
        "url": f"http://127.0.0.1:{own.port}/#token={TOKEN}",
        "httpUrl": f"http://127.0.0.1:{own.port}/",
        "wsUrl": f"ws://127.0.0.1:{own.port}",
        "port": own.port,
        "tokenIncluded": True,
    }
    assert opened == []


def test_a_base_path_is_part_of_the_address(own: FakeGateway, home: Home, openclaw: OpenClaw) -> None:
    home.write_config('{"gateway": {"mode": "local", "controlUi": {"basePath": "/claw"}}}')
    assert json.loads(openclaw("dashboard", "--json").stdout)["url"] == f"http://127.0.0.1:{own.port}/claw/"


def test_without_a_gateway_it_exits_1(openclaw: OpenClaw) -> None:
    result = openclaw("dashboard", "--no-open", OPENCLAW_GATEWAY_PORT="1")
    assert result.exit_code == 1
    assert "Gateway is not running." in result.stderr
    assert "token" not in result.output


def test_our_token_is_not_put_into_somebody_elses_address(fake: FakeGateway, home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "port": fake.port, "auth": {"token": "ours"}}}))
    result = openclaw("dashboard", "--no-open")
    assert result.exit_code == 1
    assert "held by another gateway" in result.stderr
    assert "ours" not in result.stdout


def test_another_gateway_gets_the_token_that_was_typed_and_no_other(
    fake: FakeGateway, home: Home, openclaw: OpenClaw
) -> None:
    """`--port` names it on purpose; our own token would tell its page a secret that opens us."""
    home.write_config(json.dumps({"gateway": {"mode": "local", "auth": {"token": "ours"}}}))
    plain = openclaw("dashboard", "--no-open", "--port", str(fake.port))
    assert plain.stdout == f"Dashboard URL: http://127.0.0.1:{fake.port}/\n"
    typed = openclaw("dashboard", "--no-open", "--port", str(fake.port), "--token", "theirs")
    assert typed.stdout == f"Dashboard URL: http://127.0.0.1:{fake.port}/#token=theirs\n"


def test_a_stranger_on_a_typed_port_is_no_dashboard(home: Home, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "auth": {"token": "ours"}}}))
    with socket.create_server(("127.0.0.1", 0)) as server:
        result = openclaw("dashboard", "--no-open", "--port", str(server.getsockname()[1]))
    assert result.exit_code == 1
    assert "not a gateway" in result.stderr
    assert "ours" not in result.output
