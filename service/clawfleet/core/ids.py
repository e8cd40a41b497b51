"""Names for things that need one."""

from __future__ import annotations

import secrets
import uuid


def new_id() -> str:
    """A random UUID in its usual text form; the form of run, message, session and connection ids."""
    return str(uuid.uuid4())


def new_token(nbytes: int = 24) -> str:
    """A fresh shared secret as lowercase hex: 48 characters by default (config-and-cli §4.3)."""
    return secrets.token_hex(nbytes)
