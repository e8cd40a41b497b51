"""`secrets.store.list`: secrets kept for agents by name. Secrets of this gateway are in its config and `.env` only."""

from __future__ import annotations

from typing import Any

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class StoredSecrets(Result):
    """The answer of `secrets.store.list`."""

    entries: list[dict[str, Any]]


@method("secrets.store.list", scope="operator.admin")
async def list_stored_secrets(call: Call, params: NoParams) -> StoredSecrets:
    """What the secret store holds: nothing, there is none."""
    return StoredSecrets(entries=[])
