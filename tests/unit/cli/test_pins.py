"""By which certificate a command knows the gateway it talks to."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from clawfleet.cli.client import GatewayClient, NotAGateway, UntrustedCertificate
from clawfleet.cli.context import CliContext
from clawfleet.cli.pins import Fingerprint
from clawfleet.cli.target import Ask, find_place, resolve_target
from clawfleet.core.certificate import read_certificate
from clawfleet.host.lock import StateLock
from clawfleet.host.tls_pin import WrongCertificate
from tests.support.certificates import Authority
from tests.support.tls_server import https_server
from tests.unit.cli.conftest import Home

PIN, OTHER = "ab" * 32, "cd" * 32
TLS_ON = {"gateway": {"mode": "local", "port": 20123, "tls": {"enabled": True}}}


def context(home: Home) -> CliContext:
    return CliContext(environ=home.environ, cwd=home.root)


def asked(home: Home, ask: Ask | None = None) -> tuple[str, str | None]:
    """The URL that a command would go to, and the certificate it would trust."""
    target = resolve_target(find_place(context(home)), ask or Ask())
    return target.url, target.pin


def test_the_running_gateway_says_how_it_serves(home: Home) -> None:
    home.write_config(json.dumps(TLS_ON))
    with_lock = StateLock.acquire(home.store_dir, port=20456, config_path=home.config_path)
    assert asked(home) == ("ws://127.0.0.1:20456", None)  # it has not restarted yet
    with_lock.note_tls(PIN)
    assert asked(home) == ("wss://127.0.0.1:20456", PIN)
    assert find_place(context(home)).http_url == "https://127.0.0.1:20456/"
    assert asked(home, Ask(tls_fingerprint=OTHER)) == ("wss://127.0.0.1:20456", OTHER)
    assert asked(home, Ask(url="wss://127.0.0.1:20456", token="t")) == ("wss://127.0.0.1:20456", PIN)
    assert asked(home, Ask(url="wss://elsewhere.example", token="t")) == ("wss://elsewhere.example", None)
    with_lock.release()


def test_without_one_the_config_and_its_file_say_it(home: Home) -> None:
    home.write_config(json.dumps(TLS_ON))
    assert asked(home) == ("wss://127.0.0.1:20123", None)
    folder = home.state_dir / "gateway" / "tls"
    folder.mkdir(parents=True)
    cert = Authority().sign("a").cert
    (folder / "gateway-cert.pem").write_text(cert)
    assert asked(home) == ("wss://127.0.0.1:20123", read_certificate(cert).fingerprint)
    home.write_config('{"gateway": {"mode": "local", "port": 20123}}')
    assert asked(home) == ("ws://127.0.0.1:20123", None)


def test_a_gateway_elsewhere_is_known_by_the_configs_fingerprint(home: Home) -> None:
    remote = {"url": "https://gw.example", "token": "t", "tlsFingerprint": f"SHA256:{PIN.upper()}"}
    home.write_config(json.dumps({"gateway": {"mode": "remote", "remote": remote}}))
    assert asked(home) == ("wss://gw.example", PIN)
    assert asked(home, Ask(url="wss://gw.example", token="t")) == ("wss://gw.example", PIN)
    assert asked(home, Ask(url="wss://other.example", token="t")) == ("wss://other.example", None)


def test_a_flag_that_is_no_fingerprint_is_refused() -> None:
    assert Fingerprint().convert(PIN.upper(), None, None) == PIN
    with pytest.raises(click.BadParameter, match="64 hex digits"):
        Fingerprint().convert("ab:cd", None, None)


def test_who_is_not_trusted_is_not_talked_to(home: Home, tmp_path: Path) -> None:
    with https_server(tmp_path) as (port, fingerprint):
        url = f"wss://127.0.0.1:{port}"
        target = resolve_target(find_place(context(home)), Ask(url=url, token="t"))
        with pytest.raises(UntrustedCertificate) as caught:
            GatewayClient.open(target)
        assert "--tls-fingerprint" in str(caught.value.hint)
        for pin, refusal in ((OTHER, WrongCertificate), (fingerprint, NotAGateway)):  # it is no gateway indeed
            target = resolve_target(find_place(context(home)), Ask(url=url, token="t", tls_fingerprint=pin))
            with pytest.raises(refusal):
                GatewayClient.open(target)
        with pytest.raises(NotAGateway, match="wss://"):
            GatewayClient.open(resolve_target(find_place(context(home)), Ask(url=f"ws://127.0.0.1:{port}", token="t")))
