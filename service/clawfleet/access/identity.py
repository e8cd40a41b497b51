"""The gateway's own key pair, by which clients may know it again. Source: protocol §15 (`gateway.identity.get`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from clawfleet.protocol.device import device_id_of, encode_key
from clawfleet.store.files import write_private

KEY_FILE = "identity-key"
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """The public half of the gateway's key."""

    device_id: str
    public_key: str


def own_identity(store_dir: Path) -> OwnIdentity:
    """The identity of the gateway of `store_dir`; its key is made once and kept owner-only. Blocks on the disk."""
    from nacl.bindings import crypto_sign_seed_keypair  # not paid for by gateways whom nobody asks

    file = store_dir / KEY_FILE
    if not file.exists():
        write_private(file, secrets.token_bytes(SEED_BYTES))
    public, _ = crypto_sign_seed_keypair(file.read_bytes())
    return OwnIdentity(device_id_of(public), encode_key(public))
