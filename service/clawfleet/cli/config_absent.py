"""What `openclaw config get` says about a key that the file does not set: its default, or what was meant.

Answers from the key index; the models are not loaded for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from clawfleet.config.env import Instance
from clawfleet.config.key_index import default_at, is_key, keys_below
from clawfleet.config.nearest import nearest
from clawfleet.config.path import KeyPath, show_path
from clawfleet.config.ports import derived_port
from clawfleet.config.roster import ENTRIES, LIST
from clawfleet.config.unused import reason_unused, siblings
from clawfleet.core.errors import GatewayError, NotFoundError


class UnknownPath(NotFoundError):
    """No such key exists."""

    code = "CONFIG_PATH_UNKNOWN"


class Unset(NotFoundError):
    """The key exists, and the file does not set it."""

    code = "CONFIG_PATH_UNSET"


def not_there(instance: Instance, keys: KeyPath) -> GatewayError:
    """Why `config get` has nothing to print."""
    path = show_path(keys)
    today: KeyPath = (*ENTRIES, *keys[2:]) if keys[:2] == LIST else keys
    is_known = is_key(today) or any(reason_unused(keys[:length]) is not None for length in range(1, len(keys) + 1))
    if any(isinstance(key, int) and key < 0 for key in keys) or not is_known:
        text = f"Unknown config path: {path}. Run openclaw config schema to inspect valid paths."
        return UnknownPath(text, hint=_did_you_mean(keys))
    default = _default(instance, keys)
    text = f"Config path is valid but unset: {path}. The runtime default applies until you set it"
    return Unset(f"{text} (default: {default})." if default else f"{text}.")


def _default(instance: Instance, keys: KeyPath) -> str:
    """The default as a person reads it; empty when there is none worth a word."""
    own: Mapping[KeyPath, object] = {
        ("gateway", "port"): derived_port(instance.profile),
        ("agents", "defaults", "workspace"): instance.shown(instance.workspace),
        ("logging", "file"): instance.shown(instance.log_file),
    }
    value = own.get(keys, default_at(keys))
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _did_you_mean(keys: KeyPath) -> str | None:
    """A hint at the first key of a path that is wrong."""
    for length in range(len(keys)):
        above, below = keys[:length], keys_below(keys[:length])
        if below and not is_key(keys[: length + 1]):
            near = nearest(str(keys[length]), [*below, *siblings(above)])
            return f"did you mean {show_path((*above, near))}?" if near else None
    return None
