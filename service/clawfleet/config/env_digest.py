"""Which values of a state dir's `.env` have changed since its gateway read them, told without keeping the values.

A gateway reads `.env` once, at its start. Source: config-and-cli §2.4.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

from clawfleet.secrets.dotenv import parse_dotenv

KEY_FILE = "config-hash-key"
"""In a gateway's own directory: what makes its digests useless to others."""


def digests(state_dir: Path, key: bytes) -> dict[str, str]:
    """name → keyed digest of its value, for every variable in `<state_dir>/.env`; empty without the file."""
    try:
        text = (state_dir / ".env").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return {
        name: hmac.new(key, f"{name}={value}".encode(), hashlib.sha256).hexdigest()[:16]
        for name, value in parse_dotenv(text).items()
    }


def changed(now: Mapping[str, str], then: Mapping[str, str]) -> tuple[str, ...]:
    """The names whose value is another one, new, or gone; sorted."""
    return tuple(sorted(name for name in {*now, *then} if now.get(name) != then.get(name)))
