"""This command line as a device: its Ed25519 key, and the tokens that gateways issued to it.

Both are files in the instance's own directory, readable by their owner only, in the shape that OpenClaw's early
command line used. Loaded only for gateways that do not know this host by a shared secret. Source: protocol §5, §6.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_seed_keypair

from clawfleet.core.clock import now_ms
from clawfleet.core.errors import ConfigError
from clawfleet.protocol.device import Device, Signer, decode_key, device_id_of, encode_key, signed_texts
from clawfleet.store.files import private_dir, write_private

KEY_FILE, TOKENS_FILE = "device.json", "device-auth.json"
SEED_BYTES = 32
_PRIVATE_HEAD = bytes.fromhex("302e020100300506032b657004220420")
_PUBLIC_HEAD = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in DER (PKCS 8, SPKI)."""


class IdentityUnusable(ConfigError):
    """A file of this device's identity is there, but is not one."""

    code = "DEVICE_IDENTITY_UNUSABLE"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is no device identity", hint=f"remove it, then approve this device anew: rm {path}")


@dataclass(frozen=True, slots=True)
class Identity:
    """A device: its key pair, named after the hash of the public key."""

    public_key: bytes
    seed: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """The device's id."""
        return device_id_of(self.public_key)

    def prove(self, params: Mapping[str, Any], *, token: str | None, nonce: str, signed_at_ms: int) -> dict[str, Any]:
        """The `device` of a `connect` with these parameters and this token, for the challenge `nonce`."""
        client = params["client"]
        unsigned = Device(
            id=self.id, public_key=encode_key(self.public_key), signature="", signed_at=signed_at_ms, nonce=nonce
        )
        signer = Signer(
            client_id=client["id"],
            client_mode=client["mode"],
            role=params["role"],
            scopes=tuple(params["scopes"]),
            token=token or "",
            platform=client["platform"],
            device_family=client.get("deviceFamily"),
        )
        text = next(signed_texts(unsigned, signer))
        _, private_key = crypto_sign_seed_keypair(self.seed)
        signature = crypto_sign(text.encode(), private_key)[:crypto_sign_BYTES]
        return unsigned.model_copy(update={"signature": encode_key(signature)}).model_dump(by_alias=True)


def own_identity(folder: Path) -> Identity:
    """This instance's device, made at the first call. Raises IdentityUnusable, NoSuchPlace."""
    path = folder / KEY_FILE
    if (kept := _read(path)) is not None:
        return _identity_of(kept, path)
    seed = secrets.token_bytes(SEED_BYTES)
    made = Identity(crypto_sign_seed_keypair(seed)[0], seed)
    document = {
        "version": 1,
        "deviceId": made.id,
        "publicKeyPem": _pem("PUBLIC", _PUBLIC_HEAD + made.public_key),
        "privateKeyPem": _pem("PRIVATE", _PRIVATE_HEAD + seed),
        "createdAtMs": now_ms(),
    }
    draft = private_dir(folder) / f".{KEY_FILE}.{os.getpid()}"
    write_private(draft, json.dumps(document, indent=2) + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return own_identity(folder)  # another command was faster
    finally:
        draft.unlink()
    return made


def issued_token(folder: Path, place: str, role: str) -> str | None:
    """The token that the gateway at `place` issued to this device. Raises IdentityUnusable."""
    found = _issued(folder).get(place, {}).get(role, {}).get("token")
    return found if isinstance(found, str) else None


def issued_places(folder: Path) -> list[tuple[str, str]]:
    """(place, role) of every token that was issued to this device. Raises IdentityUnusable."""
    return [(place, role) for place, rows in _issued(folder).items() for role in rows]


def has_token_for(folder: Path, url: str) -> bool:
    """Whether some gateway at `url` issued a token to this device. Raises IdentityUnusable."""
    return any(place.partition(" ")[0] == url for place in _issued(folder))


def keep_token(folder: Path, place: str, auth: Mapping[str, Any]) -> None:
    """Keep the token that came with `hello-ok`, for the gateway at `place` only."""
    role, token = str(auth.get("role") or "operator"), auth["deviceToken"]
    row = {"token": token, "role": role, "scopes": list(auth.get("scopes") or ()), "updatedAtMs": now_ms()}
    issued = _issued(folder)
    if issued.get(place, {}).get(role, {}).get("token") != token:
        _write_issued(folder, issued | {place: issued.get(place, {}) | {role: row}})


def forget_token(folder: Path, place: str, role: str) -> None:
    """Forget what the gateway at `place` issued: it opens nothing any more."""
    issued = _issued(folder)
    rest = {name: row for name, row in issued.get(place, {}).items() if name != role}
    _write_issued(folder, {name: rows for name, rows in (issued | {place: rest}).items() if rows})


def _identity_of(kept: Mapping[str, Any], path: Path) -> Identity:
    public_key = decode_key(str(kept.get("publicKeyPem")))
    private = "".join(line for line in str(kept.get("privateKeyPem")).splitlines() if "-----" not in line)
    try:
        der = base64.b64decode(private, validate=True)
    except ValueError as error:
        raise IdentityUnusable(path) from error
    seed = der.removeprefix(_PRIVATE_HEAD)
    if len(seed) != SEED_BYTES or crypto_sign_seed_keypair(seed)[0] != public_key:
        raise IdentityUnusable(path)
    return Identity(public_key, seed)


def _pem(kind: str, der: bytes) -> str:
    return f"-----BEGIN {kind} KEY-----\n{base64.b64encode(der).decode()}\n-----END {kind} KEY-----\n"


def _issued(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """By place, then role. The early files knew one gateway only; here a token never goes to another than its own."""
    gateways = (_read(folder / TOKENS_FILE) or {}).get("gateways")
    return gateways if isinstance(gateways, dict) else {}


def _write_issued(folder: Path, issued: Mapping[str, Any]) -> None:
    document = {"version": 1, "deviceId": own_identity(folder).id, "gateways": issued}
    write_private(private_dir(folder) / TOKENS_FILE, json.dumps(document, indent=2) + "\n")


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise IdentityUnusable(path) from error
    if not isinstance(document, dict):
        raise IdentityUnusable(path)
    return document
