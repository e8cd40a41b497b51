from __future__ import annotations

import json

from clawfleet.core.certificate import read_certificate
from clawfleet.host.lock import StateLock
from tests.support.certificates import Authority
from tests.unit.cli.checks.conftest import Look
from tests.unit.cli.conftest import Home


def place(home: Home, days: int) -> str:
    """A pair in the state directory; the fingerprint of its certificate."""
    folder = home.state_dir / "gateway" / "tls"
    folder.mkdir(parents=True, exist_ok=True)
    signed = Authority().sign("a", days=(-40, days))
    (folder / "gateway-cert.pem").write_text(signed.cert)
    (folder / "gateway-key.pem").write_text(signed.key)
    return read_certificate(signed.cert).fingerprint


def test_a_certificate_is_looked_at_before_it_expires(home: Home, look: Look) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "tls": {"enabled": True}}}))
    assert look("gateway/certificate") == {}  # the start makes one
    place(home, 90)
    assert look("gateway/certificate") == {}
    place(home, 20)
    assert look("gateway/certificate")["tls.expires"].severity == "warning"
    place(home, -2)
    found = look("gateway/certificate")["tls.unusable"]
    assert found.severity == "error"
    assert "expired" in found.message
    assert "renew" in found.fix
    home.write_config('{"gateway": {"mode": "local"}}')
    assert look("gateway/certificate") == {}


def test_a_renewed_one_that_is_not_served_with_is_told(home: Home, look: Look) -> None:
    home.write_config(json.dumps({"gateway": {"mode": "local", "tls": {"enabled": True}}}))
    lock = StateLock.acquire(home.store_dir, port=20456, config_path=home.config_path)
    lock.note_tls(place(home, 90))
    assert look("gateway/certificate") == {}
    lock.note_tls("ab" * 32)
    assert "tls.not_renewed" in look("gateway/certificate")
    lock.release()
