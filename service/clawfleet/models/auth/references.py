"""Fetches what `keyRef` and `tokenRef` of stored credentials name in files and programs. Blocks on both.

A secret that cannot be had leaves its credential unusable and says why; the others are not held up. Source:
models-and-auth §7.4, config-and-cli §8.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from clawfleet.config.models.secrets import Secrets
from clawfleet.config.secret_refs import secrets_of
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import Stored

log = logging.getLogger("clawfleet.models")


def fetched(secrets: Secrets, environ: Mapping[str, str], stored: Stored) -> Stored:
    """`stored` with the secrets that its credentials only name; each provider of secrets is asked once."""
    refs = {row.ref for row in stored.profiles if row.ref and row.ref.source != "env"}
    if not refs:
        return stored
    found = secrets_of(secrets, environ, refs)

    def filled(row: AuthProfile) -> AuthProfile:
        if row.ref not in refs:
            return row
        value = found[row.ref]
        if isinstance(value, str):
            return replace(row, secret=value, trouble=None)
        log.warning("auth profile %s of agent %s cannot be used: secret %s: %s", row.id, row.owner, row.ref, value)
        return replace(row, secret=None, trouble=str(value))

    return replace(stored, profiles=tuple(map(filled, stored.profiles)))
