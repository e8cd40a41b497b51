"""The part of openclaw.json that the fleet owns, and how it is laid over what a host already has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clawfleet.config.substitute import substitute

FROM_FIELDS = ("gateway.mode", "gateway.port", "gateway.bind", "agents.defaults.workspace")
"""Keys that come from the gateway's own fields; `config` in the fleet file may not say otherwise."""

FORCED = (
    *("gateway.mode", "gateway.port", "gateway.bind", "gateway.auth", "gateway.tailscale", "gateway.tls"),
    *("agents.defaults.workspace", "agents.defaults.sandbox", "logging.file"),
)
"""Keys that win over what people wrote on the host, whatever the file says: what the gateway is, and its walls."""

READ_ONLY = {"OPENCLAW_CONFIG_READONLY": "1"}
"""Tells the gateway and its commands that the config is somebody else's (`configMode: managed`)."""


def deep_merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with every key of `over`: objects meet key by key, anything else is replaced. Neither is changed."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = deep_merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def owned_config(port: int, bind: str, workspace: str, token_name: str) -> dict[str, Any]:
    """What the fleet writes into every config.

    Mode and bind always stand there: without them a gateway does not start, or listens elsewhere in a container.
    The token is a reference; its value lives in `.env` (deploy §4.2).
    """
    return {
        "gateway": {
            "mode": "local",
            "port": port,
            "bind": bind,
            "auth": {"mode": "token", "token": f"${{{token_name}}}"},
        },
        "agents": {"defaults": {"workspace": workspace}},
    }


def contradicted(config: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    """The paths of `FROM_FIELDS` where the merged `config` differs from what the fields say (`own`)."""
    return [path for path in FROM_FIELDS if value_at(config, path) != value_at(own, path)]


def variables(value: Any) -> Iterator[str]:
    """The names of `${NAME}` in every string below `value`, as the gateway will read them; `$${NAME}` is text."""
    return (name for _, name in substitute(value, {})[1])


def value_at(tree: Any, path: str) -> Any:
    """The value at a dotted path of object keys, None when there is none."""
    for part in path.split("."):
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree
