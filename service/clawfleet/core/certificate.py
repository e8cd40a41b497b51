"""Reads what matters of a TLS certificate: its fingerprint, and from when to when it is valid.

The standard library reads a certificate only once a connection has verified it, and a library for this one need would
cost every gateway its memory. Source: RFC 5280 §4.1.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

DAY_MS = 86_400_000

_PEM = re.compile(r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----(.+?)-----END", re.DOTALL)
_FINGERPRINT = re.compile(r"[0-9a-f]{64}|[0-9a-f]{2}(:[0-9a-f]{2}){31}")
_VERSION, _UTC_TIME = 0xA0, 0x17
_TIMES = {_UTC_TIME: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate. `fingerprint` is its SHA-256 in lower-case hex digits."""

    fingerprint: str
    valid_from_ms: int
    expires_at_ms: int

    @property
    def last_day(self) -> str:
        """`2036-11-26`, the day on which it expires."""
        return datetime.fromtimestamp(self.expires_at_ms / 1000, UTC).date().isoformat()

    def days_left(self, now_ms: int) -> int:
        """How many whole days it has still to go; negative once it has expired."""
        return (self.expires_at_ms - now_ms) // DAY_MS


def read_certificate(pem: str) -> Certificate:
    """The first certificate of a PEM text: the server's own, where others follow. Raises ValueError."""
    found = _PEM.search(pem)
    if found is None:
        raise ValueError("it holds no certificate in PEM form")
    try:
        der = base64.b64decode("".join(found.group(1).split()), validate=True)
        begins, ends = _validity(der)
    except (ValueError, IndexError, KeyError, StopIteration) as error:
        raise ValueError("its certificate is damaged") from error
    return Certificate(fingerprint_of(der), begins, ends)


def fingerprint_of(der: bytes) -> str:
    """The SHA-256 of a certificate as it travels."""
    return sha256(der).hexdigest()


def plain_fingerprint(text: str) -> str:
    """A fingerprint in lower-case hex digits, however it was written: with colons, `SHA256:` before. Raises ValueError.

    Written like that by `openssl x509 -fingerprint -sha256`, which puts `sha256 Fingerprint=` before it.
    """
    plain = re.sub(r"^sha-?256( fingerprint)?\s*[:=]\s*", "", text.strip().lower())
    if not _FINGERPRINT.fullmatch(plain):
        raise ValueError("no SHA-256 fingerprint of a certificate: 64 hex digits, with or without colons")
    return plain.replace(":", "")


def _validity(der: bytes) -> tuple[int, int]:
    certificate = next(_parts(der))[1]
    fields = [part for part in _parts(next(_parts(certificate))[1]) if part[0] != _VERSION]
    begins, ends = _parts(fields[3][1])  # after serial number, algorithm and issuer
    return _time_ms(*begins), _time_ms(*ends)


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each value of a DER sequence."""
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        if at + length > len(der):
            raise ValueError("cut short")
        yield tag, der[at : at + length]
        at += length


def _time_ms(tag: int, content: bytes) -> int:
    read = datetime.strptime(content.decode("ascii"), _TIMES[tag]).replace(tzinfo=UTC)
    if tag == _UTC_TIME and read.year >= 2050:  # two digits of a year mean 1950 to 2049
        read = read.replace(year=read.year - 100)
    return int(read.timestamp() * 1000)
