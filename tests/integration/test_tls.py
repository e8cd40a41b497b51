"""A gateway that serves by TLS: every way in speaks it, and nothing but it."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from clawfleet.core.certificate import fingerprint_of
from clawfleet.host.readiness import answering
from tests.support.gateway import GatewayProcess
from tests.support.official_client import official_client

TLS_ON = {"gateway": {"tls": {"enabled": True}}}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    made = GatewayProcess(tmp_path_factory.mktemp("tls"), TLS_ON)
    try:
        yield made.start()
    finally:
        made.kill()


def openclaw(gateway: GatewayProcess, *words: str) -> subprocess.CompletedProcess[str]:
    """One of our commands, in the gateway's own home."""
    command = [sys.executable, "-m", "clawfleet", *words]
    return subprocess.run(command, env=gateway.env, capture_output=True, text=True, timeout=60, check=False)


def told(gateway: GatewayProcess, *words: str) -> Any:
    done = openclaw(gateway, *words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def trusting(gateway: GatewayProcess) -> ssl.SSLContext:
    """Trust in the gateway's own certificate and no other, as `curl --cacert` has it."""
    return ssl.create_default_context(cafile=gateway.state_dir / "gateway" / "tls" / "gateway-cert.pem")


def shown(gateway: GatewayProcess) -> str:
    """The fingerprint of the certificate that a new connection is shown."""
    pem = ssl.get_server_certificate(("127.0.0.1", gateway.port))
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(pem))


def test_the_commands_of_this_machine_know_it_by_themselves(gateway: GatewayProcess) -> None:
    assert told(gateway, "health")["ok"] is True
    probe = told(gateway, "gateway", "probe")
    assert (probe["ok"], probe["targets"][0]["url"]) == (True, gateway.ws_url)
    assert told(gateway, "dashboard")["httpUrl"] == f"{gateway.url}/"
    answer = told(gateway, "agent", "--message", "hi", "--session-key", "tls")
    assert "You said: hi" in json.dumps(answer)
    status = openclaw(gateway, "gateway", "status").stdout
    assert f"Certificate: sha256 {shown(gateway)}" in status
    assert "RPC probe: ok" in status
    found = answering(gateway.state_dir / "clawfleet")
    assert found is not None
    assert (found.pid, found.port) == (gateway.process.pid, gateway.port)


def test_from_elsewhere_it_is_known_by_its_fingerprint(gateway: GatewayProcess) -> None:
    there = ("health", "--url", f"wss://localhost:{gateway.port}", "--token", gateway.token)
    assert "not trusted on this machine" in openclaw(gateway, *there).stderr
    assert openclaw(gateway, *there, "--tls-fingerprint", shown(gateway)).returncode == 0
    assert "another certificate" in openclaw(gateway, *there, "--tls-fingerprint", "0" * 64).stderr


def test_the_page_and_the_endpoints_come_by_https(gateway: GatewayProcess) -> None:
    for path in ("/", "/readyz"):
        with urllib.request.urlopen(gateway.url + path, timeout=30, context=trusting(gateway)) as reply:
            assert reply.status == 200


def test_clear_text_is_answered_with_nothing(gateway: GatewayProcess) -> None:
    for words in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b""):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as sock:
            sock.sendall(words)
            sock.shutdown(socket.SHUT_WR)
            assert b"HTTP" not in b"".join(iter(lambda: sock.recv(4096), b""))
    assert told(gateway, "health")["ok"] is True
    assert "Traceback" not in gateway.log()
    assert "SSL" not in gateway.log()


@pytest.mark.npm
async def test_the_published_client_pins_it(gateway: GatewayProcess) -> None:
    async with official_client() as client:
        answer = await client.connect(gateway.ws_url, token=gateway.token, tlsFingerprint=shown(gateway))
        assert "hello" in answer, answer
        assert (await client.call("health"))["ok"] is True
    async with official_client() as client:
        answer = await client.connect(gateway.ws_url, token=gateway.token, tlsFingerprint="0" * 64)
        assert "hello" not in answer


def test_a_pair_that_cannot_be_served_with_ends_the_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = {"gateway": {"tls": {"enabled": True, "certPath": "~/nothing.crt", "autoGenerate": False}}}
    made = GatewayProcess(tmp_path_factory.mktemp("tls-broken"), broken).start(wait=False)
    assert made.wait_exit() == 78
    assert "gateway.tls.certPath: cannot serve with" in made.log()
    assert "Traceback" not in made.log()
