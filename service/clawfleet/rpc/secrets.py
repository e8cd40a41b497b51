"""`secrets.reload`: variables are read again and what they stand for is taken up. Source: protocol §15."""

from __future__ import annotations

from typing import Literal

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class SecretsReloaded(Result):
    """The answer of `secrets.reload`. `warningCount` counts variables that the config names and nobody sets."""

    ok: Literal[True] = True
    warning_count: int


@method("secrets.reload", scope="operator.admin")
async def reload_secrets(call: Call, params: NoParams) -> SecretsReloaded:
    """Read the `.env` files again and use what they say now."""
    reloaded = await call.gateway.control.reload(reread_env=True)
    missing = [issue for issue in reloaded.snapshot.warnings if issue.message.startswith("Missing env var")]
    return SecretsReloaded(warning_count=len(missing))
