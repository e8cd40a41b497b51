"""The protocol client: handshake, calls, events, and every way it can fail."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection

from clawfleet.cli.client import (
    CallFailed,
    GatewayClient,
    GatewayClosed,
    GatewaySilent,
    GatewayUnreachable,
    NotAGateway,
    Target,
)
from clawfleet.cli.refusals import ConnectRefused
from clawfleet.core.errors import RequestError
from tests.unit.cli.conftest import TOKEN, FakeGateway


def connect(fake: FakeGateway, **more: Any) -> GatewayClient:
    return GatewayClient.open(Target(fake.url, token=TOKEN, timeout_s=5), **more)


@pytest.fixture
def listener() -> Iterator[Callable[[bytes], str]]:
    """Accepts one connection and answers it with fixed bytes, or nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threads = []

        def start(answer: bytes) -> str:
            def serve() -> None:
                peer, _ = server.accept()
                with peer:
                    if answer:
                        peer.recv(4096)
                        peer.sendall(answer)
                    else:
                        peer.recv(4096)
                        peer.recv(4096)  # until the client gives up

            thread = threading.Thread(target=serve)
            thread.start()
            threads.append(thread)
            return f"ws://127.0.0.1:{server.getsockname()[1]}"

        yield start
        for thread in threads:
            thread.join(30)


def test_the_handshake_introduces_the_command_line(fake: FakeGateway) -> None:
    with connect(fake) as gateway:
        assert gateway.hello["type"] == "hello-ok"
        assert gateway.latency_ms >= 0
    params = fake.calls("connect")[0]
    assert (params["minProtocol"], params["maxProtocol"]) == (4, 4)
    assert (params["client"]["id"], params["client"]["mode"]) == ("cli", "cli")
    assert params["scopes"] == ["operator.admin"]
    assert params["auth"] == {"token": TOKEN}


def test_a_probe_also_speaks_the_protocol_before(fake: FakeGateway) -> None:
    connect(fake, mode="probe").close()
    params = fake.calls("connect")[0]
    assert (params["minProtocol"], params["maxProtocol"], params["client"]["mode"]) == (3, 4, "probe")


def test_a_call_returns_the_payload_past_events_and_other_answers(fake: FakeGateway) -> None:
    def answer(gateway: FakeGateway, peer: ServerConnection, request: dict[str, Any]) -> None:
        gateway.event(peer, "tick", {"ts": 1})
        gateway.ok(peer, {"id": "another"}, "not this one")
        gateway.ok(peer, request, {"n": request["params"]["n"]})

    fake.answers["count"] = answer
    with connect(fake) as gateway:
        assert gateway.call("count", {"n": 7}) == {"n": 7}
        assert gateway.call("health")["ok"] is True
    assert "params" not in fake.requests[-1]


def test_a_conversation_hands_out_events_and_waits_for_the_last_answer(fake: FakeGateway) -> None:
    def answer(gateway: FakeGateway, peer: ServerConnection, request: dict[str, Any]) -> None:
        gateway.ok(peer, request, {"status": "accepted"})
        gateway.event(peer, "agent", {"n": 1})
        gateway.ok(peer, request, {"status": "ok"})

    fake.answers["agent"] = answer
    seen = []
    with connect(fake) as gateway:
        last = gateway.converse(
            "agent",
            {},
            on_event=lambda name, payload: seen.append((name, payload)),
            more=lambda payload: payload["status"] == "accepted",
        )
    assert last == {"status": "ok"}
    assert seen == [("agent", {"n": 1})]


def test_an_error_answer_is_raised_with_its_words(fake: FakeGateway) -> None:
    with connect(fake) as gateway, pytest.raises(CallFailed, match=r"^unknown method: nope$") as caught:
        gateway.call("nope")
    assert caught.value.error["code"] == "INVALID_REQUEST"
    assert caught.value.exit_code == 1


def test_a_wrong_token_is_refused_with_the_gateways_reason_and_never_shown(fake: FakeGateway) -> None:
    with pytest.raises(ConnectRefused, match="gateway token mismatch") as caught:
        GatewayClient.open(Target(fake.url, token="wrong-secret"))
    assert caught.value.detail_code == "AUTH_TOKEN_MISMATCH"
    assert caught.value.hint
    assert "wrong-secret" not in f"{caught.value}{caught.value.hint}{caught.value.details}"
    assert "wrong-secret" not in repr(Target(fake.url, token="wrong-secret"))


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(GatewayUnreachable, match=rf"^Gateway not reachable at {url} \(ECONNREFUSED\)\.$"):
            GatewayClient.open(Target(url))


def test_a_listener_that_says_nothing_is_given_up_on(listener: Callable[[bytes], str]) -> None:
    with pytest.raises(GatewaySilent, match=r"within 0\.2 s"):
        GatewayClient.open(Target(listener(b""), timeout_s=0.2))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP 404"),
        (b"220 mail.example ESMTP\r\n", "does not speak HTTP"),
    ],
)
def test_something_else_on_the_port_is_not_a_gateway(listener: Callable[[bytes], str], answer: bytes, why: str) -> None:
    with pytest.raises(NotAGateway, match=why):
        GatewayClient.open(Target(listener(answer), timeout_s=5))


@pytest.mark.parametrize("frame", ["hello", "[1]", '{"type":"event","event":"welcome"}'])
def test_a_websocket_that_is_no_gateway_is_told_by_its_first_frame(fake: FakeGateway, frame: str) -> None:
    fake.first_frame = frame
    with pytest.raises(NotAGateway):
        connect(fake)


def test_a_closed_socket_is_told_with_code_and_reason(fake: FakeGateway) -> None:
    fake.answers["bye"] = lambda _, peer, __: peer.close(1012, "service restart")
    with connect(fake) as gateway, pytest.raises(GatewayClosed, match=r"^gateway closed \(1012\): service restart$"):
        gateway.call("bye")


def test_a_cut_connection_is_told_as_abnormal(fake: FakeGateway) -> None:
    fake.answers["cut"] = lambda _, peer, __: peer.socket.shutdown(socket.SHUT_RDWR)
    with connect(fake) as gateway, pytest.raises(GatewayClosed, match=r"1006 abnormal closure"):
        gateway.call("cut")


def test_a_method_that_takes_too_long_is_named(fake: FakeGateway) -> None:
    fake.answers["slow"] = lambda *_: None
    with connect(fake) as gateway, pytest.raises(GatewaySilent, match=r"did not answer slow within 0\.1 s"):
        gateway.call("slow", timeout_s=0.1)


@pytest.mark.parametrize("url", ["ftp://x", "no url", "ws://"])
def test_a_url_that_is_none_is_a_usage_error(url: str) -> None:
    with pytest.raises(RequestError, match="not a gateway URL"):
        GatewayClient.open(Target(url))


def test_a_device_is_remembered_by_the_gateway(fake: FakeGateway, tmp_path: Path) -> None:
    """After the first visit with the secret, the token issued then opens the door, until it is revoked."""
    fake.issues, fake.tokens = "issued", {TOKEN, "issued"}
    device = Target(fake.url, timeout_s=5, identity_dir=tmp_path / "identity")
    GatewayClient.open(replace(device, token=TOKEN)).close()
    GatewayClient.open(device).close()
    GatewayClient.open(replace(device, token="outdated")).close()
    shown = [params["auth"] for params in fake.calls("connect")]
    issued = {"token": "issued", "deviceToken": "issued"}
    assert shown == [{"token": TOKEN}, issued, {"token": "outdated"}, issued]
    assert len({params["device"]["id"] for params in fake.calls("connect")}) == 1
    fake.tokens = set()
    with pytest.raises(ConnectRefused) as caught:
        GatewayClient.open(device)
    assert caught.value.detail_code == "AUTH_DEVICE_TOKEN_MISMATCH"
    assert caught.value.hint is not None
    assert "--token" in caught.value.hint
