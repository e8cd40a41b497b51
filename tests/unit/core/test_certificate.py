"""What is read of a certificate."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509

from clawfleet.core.certificate import fingerprint_of, plain_fingerprint, read_certificate
from clawfleet.core.clock import now_ms
from tests.support.certificates import Authority

HEX = "0a" * 32
COLONS = ":".join(["0A"] * 32)


def test_fingerprint_and_days_of_the_first_certificate() -> None:
    authority = Authority()
    signed = authority.sign("gateway.example", days=(-2, 40))
    read = read_certificate(f"its chain:\n{signed.cert}{authority.pem}")
    der = ssl.PEM_cert_to_DER_cert(signed.cert)
    assert read.fingerprint == sha256(der).hexdigest() == fingerprint_of(der)
    other = x509.load_pem_x509_certificate(signed.cert.encode())
    assert read.valid_from_ms == other.not_valid_before_utc.timestamp() * 1000
    assert read.expires_at_ms == other.not_valid_after_utc.timestamp() * 1000
    assert read.days_left(now_ms()) in {39, 40}
    assert read.last_day == other.not_valid_after_utc.date().isoformat()


def test_years_with_two_and_with_four_digits() -> None:
    now = datetime.now(UTC)
    for year in (2049, 2051):
        days = (datetime(year, 6, 1, tzinfo=UTC) - now) // timedelta(days=1)
        assert read_certificate(Authority().sign("a", days=(-1, days)).cert).last_day.startswith(str(year))


def test_an_expired_one_has_no_days_left() -> None:
    assert read_certificate(Authority().sign("a", days=(-9, -2)).cert).days_left(now_ms()) < 0


@pytest.mark.parametrize("body", ["MAA=", "AAAA", "%%%%", "MIIBIjANBgkq"])
def test_a_damaged_certificate_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="damaged"):
        read_certificate(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")


def test_a_text_without_one_is_refused() -> None:
    with pytest.raises(ValueError, match="no certificate"):
        read_certificate(Authority().sign("a").key)


@pytest.mark.parametrize(
    "text", [HEX, COLONS, f"SHA256:{COLONS}", f"sha256 Fingerprint={COLONS}\n", f"SHA-256:{HEX.upper()}"]
)
def test_a_fingerprint_is_read_however_it_was_written(text: str) -> None:
    assert plain_fingerprint(text) == HEX


@pytest.mark.parametrize("text", ["", "ab:cd", HEX + "0a", f"sha1:{HEX[:40]}", HEX[:-1] + "g", HEX[:2] + ":" + HEX[2:]])
def test_what_is_no_sha256_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="64 hex digits"):
        plain_fingerprint(text)
