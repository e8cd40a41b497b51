"""The proof of a device: what a client signs at connect, and whether its signature holds. Source: protocol §5."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

MAX_SKEW_MS = 120_000
KEY_BYTES = 32
_SPKI_HEAD = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in DER."""

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Device(BaseModel):
    """The `device` of `connect`: a key pair's identity and its signature over this very handshake."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True)

    id: str
    public_key: str
    signature: str
    signed_at: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Signer:
    """What of `connect` is signed besides the device itself, each as it was sent; `token` is that of the token slot."""

    client_id: str
    client_mode: str
    role: str
    scopes: tuple[str, ...]
    token: str
    platform: str
    device_family: str | None


@dataclass(frozen=True, slots=True)
class DeviceFault:
    """Why a device's proof does not hold: the text people know, its code and its reason."""

    message: str
    code: str
    reason: str


ID_MISMATCH = DeviceFault("device identity mismatch", "DEVICE_AUTH_DEVICE_ID_MISMATCH", "device-id-mismatch")
EXPIRED = DeviceFault("device signature expired", "DEVICE_AUTH_SIGNATURE_EXPIRED", "device-signature-stale")
NONCE_REQUIRED = DeviceFault("device nonce required", "DEVICE_AUTH_NONCE_REQUIRED", "device-nonce-missing")
NONCE_MISMATCH = DeviceFault("device nonce mismatch", "DEVICE_AUTH_NONCE_MISMATCH", "device-nonce-mismatch")
KEY_INVALID = DeviceFault("device public key invalid", "DEVICE_AUTH_PUBLIC_KEY_INVALID", "device-public-key")
SIGNATURE_INVALID = DeviceFault("device signature invalid", "DEVICE_AUTH_SIGNATURE_INVALID", "device-signature")


def check_device(device: Device, signer: Signer, *, nonce: str, now_ms: int) -> DeviceFault | None:
    """None when `device` proves itself for the challenge `nonce`; else the first thing that is wrong with it."""
    return next(_faults(device, signer, nonce, now_ms), None)


def _faults(device: Device, signer: Signer, nonce: str, now_ms: int) -> Iterator[DeviceFault]:
    """What is wrong, in the protocol's order; lazily, so that nothing is verified that failed before."""
    key = decode_key(device.public_key) or b""
    if not hmac.compare_digest(device_id_of(key).encode(), device.id.encode()):
        yield ID_MISMATCH
    if abs(now_ms - device.signed_at) > MAX_SKEW_MS:
        yield EXPIRED
    if not device.nonce.strip():
        yield NONCE_REQUIRED
    if not hmac.compare_digest(device.nonce.encode(), nonce.encode()):
        yield NONCE_MISMATCH
    if len(key) != KEY_BYTES:
        yield KEY_INVALID
    signature = _decode(device.signature) or b""
    if not any(_verify(key, signature, text) for text in signed_texts(device, signer)):
        yield SIGNATURE_INVALID


def signed_texts(device: Device, signer: Signer) -> Iterator[str]:
    """The texts that may have been signed, today's version first; the Control UI of today still signs the older."""
    fields = (
        *(device.id, signer.client_id, signer.client_mode, signer.role, ",".join(signer.scopes)),
        *(str(device.signed_at), signer.token, device.nonce),
    )
    yield "|".join(("v3", *fields, metadata(signer.platform), metadata(signer.device_family)))
    yield "|".join(("v2", *fields))


def metadata(text: str | None) -> str:
    """A platform or device family as it is signed and compared: trimmed, ASCII letters lowered, "" for none."""
    return (text or "").strip().translate(_LOWER)


def device_id_of(key: bytes) -> str:
    """The id of a device: the hash of its raw public key."""
    return hashlib.sha256(key).hexdigest()


def decode_key(text: str) -> bytes | None:
    """The raw public key in base64 of either alphabet, padded or not, or in PEM (SPKI); None when it is neither."""
    if "BEGIN" not in text:
        return _decode(text)
    body = "".join(line.strip() for line in text.splitlines() if "-----" not in line)
    der = _decode(body)
    return der[len(_SPKI_HEAD) :] if der and der.startswith(_SPKI_HEAD) else None


def encode_key(key: bytes) -> str:
    """Bytes as clients write them: base64url without padding."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def _decode(text: str) -> bytes | None:
    plain = text.strip().translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _verify(key: bytes, signature: bytes, text: str) -> bool:
    # Loaded by the first device that connects: a gateway without devices need not pay 20 ms and 3 MB for it.
    from nacl.bindings import crypto_sign_open
    from nacl.exceptions import BadSignatureError

    try:
        crypto_sign_open(signature + text.encode(), key)
    except (BadSignatureError, ValueError):
        return False
    return True
