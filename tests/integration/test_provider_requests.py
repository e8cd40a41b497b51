"""Requests travel as the config says: through a proxy, with an own authority, with headers kept as references."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.openai.app import make_app
from tests.fakes.proxy import Proxy, proxy
from tests.fakes.serving import in_thread
from tests.support.certificates import Authority
from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.protocol_client import connected

SECRETS = {"TEAM_HEADER": "team-w0rd", "ROW_HEADER": "row-w0rd", "PROXY_LOGIN": "me:pr0xy-w0rd"}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def plain() -> Iterator[FakeOpenAI]:
    """The same fake without TLS: what it was asked is read over it."""
    with openai_in_process() as running:
        yield running


@pytest.fixture
def between() -> Iterator[Proxy]:
    with proxy(SECRETS["PROXY_LOGIN"]) as running:
        yield running


def ref(name: str) -> dict[str, str]:
    return {"source": "env", "provider": "default", "id": name}


def config(provider: dict[str, Any]) -> dict[str, Any]:
    return {
        "models": {"providers": {"lan": provider}},
        "agents": {"defaults": {"model": "lan/fake-1", "models": {"lan/fake-1": {"params": {"temperature": 0.3}}}}},
    }


async def said(gateway: GatewayProcess) -> dict[str, Any]:
    async with connected(gateway.ws_url, gateway.token) as client:
        end: dict[str, Any] = await client.ended(await client.send_chat("hello", key="agent:main:main"))
        return end


def printed(gateway: GatewayProcess, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "clawfleet", *words],
        env=gateway.env,
        cwd=gateway.home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


def test_headers_params_and_proxy_of_a_config_reach_the_provider_and_nobody_else(
    gateway: GatewayFactory, plain: FakeOpenAI, between: Proxy
) -> None:
    """What is a reference in the config arrives in the request; no command, log or answer shows it."""
    provider = plain.provider("fake-1") | {
        "headers": {"X-Team": ref("TEAM_HEADER"), "X-Row": "overruled"},
        "params": {"chat_template_kwargs": {"deep": True}},
        "request": {"proxy": {"mode": "explicit-proxy", "url": f"http://${{PROXY_LOGIN}}@{between.url[7:]}"}},
    }
    provider["models"][0]["headers"] = {"x-row": ref("ROW_HEADER")}
    running = gateway(config(provider), env=SECRETS)
    assert asyncio.run(said(running))["state"] == "final"
    asked = plain.requests()[0]
    assert (asked["headers"]["x-team"], asked["headers"]["x-row"]) == ("team-w0rd", "row-w0rd")
    assert (asked["body"]["temperature"], asked["body"]["chat_template_kwargs"]) == (0.3, {"deep": True})
    assert between.asked == [f"POST {plain.base_url}/chat/completions"]
    seen = running.log() + printed(running, "config", "get", "models") + printed(running, "models", "status", "--json")
    assert not [word for word in ("team-w0rd", "row-w0rd", "pr0xy-w0rd") if word in seen]


def test_a_provider_with_its_own_authority_is_reached_and_the_way_to_trust_it_is_told(
    gateway: GatewayFactory, authority: Authority, tmp_path: Path
) -> None:
    """Without the authority the answer names the key that trusts it; with it, by hot reload, the chat works."""
    ca = tmp_path / "ca.pem"
    ca.write_text(authority.pem)
    with in_thread(make_app, authority.sign("127.0.0.1").server(tmp_path)) as url:
        provider = FakeOpenAI(url).provider("fake-1")
        running = gateway(config(provider), env={"CLAWFLEET_MODEL_RETRY_S": "0"})
        failed = asyncio.run(said(running))
        assert failed["state"] == "error"
        assert "no trusted TLS connection" in json.dumps(failed)
        running.stop()
        provider["request"] = {"tls": {"ca": str(ca)}}
        running.write_config(config(provider))
        running.start()
        assert asyncio.run(said(running))["state"] == "final"
        running.stop()


def test_who_asks_can_be_shown_in_another_header(gateway: GatewayFactory, plain: FakeOpenAI) -> None:
    """With `request.auth` of mode header nothing else shows who asks, so this fake, which wants Bearer, refuses."""
    auth = {"mode": "header", "headerName": "x-team-key", "value": "team-w0rd", "prefix": "Tok "}
    running = gateway(config(plain.provider("fake-1") | {"request": {"auth": auth}}))
    assert asyncio.run(said(running))["state"] == "error"
    asked = plain.requests()[0]
    assert asked["headers"]["x-team-key"] == "Tok team-w0rd"
    assert "authorization" not in asked["headers"]
    assert "team-w0rd" not in running.log()
