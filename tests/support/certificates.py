"""Certificates for tests: an authority made up on the spot, and what it signs."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)


@dataclass(frozen=True)
class Signed:
    """A certificate and its key, as PEM text."""

    cert: str
    key: str

    def server(self, folder: Path, *, client_ca: str = "") -> ssl.SSLContext:
        """What a server needs to present it, and to want a certificate of its clients."""
        file = folder / f"{abs(hash(self.key))}.pem"
        file.write_text(self.cert + self.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if client_ca:
            context.load_verify_locations(cadata=client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


class Authority:
    """An authority that nobody trusts by itself."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        now = datetime.now(UTC)
        made = _certificate(self._name, self._name, self._key.public_key(), [], is_ca=True)
        made = made.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        self.pem = _pem(made.sign(self._key, SHA256()))

    def sign(self, *names: str, passphrase: str = "", days: tuple[int, int] = (-1, 1)) -> Signed:
        """A certificate for host names and addresses; its key is locked where there is a passphrase.

        `days` are its first and its last one, from now on.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        made = _certificate(subject, self._name, key.public_key(), list(names))
        now = datetime.now(UTC)
        first, last = (now + timedelta(day) for day in days)
        cert = made.not_valid_before(first).not_valid_after(last).sign(self._key, SHA256())
        lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return Signed(_pem(cert), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode())


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, names: list[str], *, is_ca: bool = False
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number()).add_extension(
        x509.BasicConstraints(ca=is_ca, path_length=None), critical=True
    )
    return (
        made.add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
        if names
        else made
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _pem(cert: x509.Certificate) -> str:
    return cert.public_bytes(Encoding.PEM).decode()
