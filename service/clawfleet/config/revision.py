"""Names of config texts: the same text has the same name, and nobody can guess a text from its name.

Configs hold secrets, so a plain digest would let a reader try guesses. Source: protocol §12 (`baseHash`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

PREFIX = "hmac-sha256:v1:"


def text_hash(text: str, key: bytes) -> str:
    """The name of a file's text under `key`; clients hand it back as `baseHash`."""
    digest = hmac.digest(key, text.encode(), hashlib.sha256)
    return PREFIX + urlsafe_b64encode(digest).decode().rstrip("=")


def tree_hash(tree: Mapping[str, object], key: bytes) -> str:
    """The name of what a file says, whatever its comments and spaces are."""
    return text_hash(json.dumps(tree, sort_keys=True, ensure_ascii=False, default=str), key)
