"""Makes sure that a service finds its instance's secrets: in the config or in `.env`, never in the service's file.

A service does not know what was exported in the shell that installs it. Source: config-and-cli §2.4 and §4.3.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from clawfleet.access.gateway_auth import kept_token
from clawfleet.config.change import carry_out, plan_set
from clawfleet.config.env import Instance, gateway_port
from clawfleet.config.load import Snapshot, load_config
from clawfleet.config.path import KeyPath
from clawfleet.core.errors import HostError
from clawfleet.core.ids import new_token
from clawfleet.secrets.dotenv import parse_dotenv
from clawfleet.store.files import write_private

OWN_SECRETS = ("OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD")
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}")


class CannotKeep(HostError):
    """A secret of this shell cannot be written where the service would find it."""

    code = "ENV_FILE"


def settle_token(instance: Instance, snapshot: Snapshot, token: str | None) -> Iterator[str]:
    """Give the service a token when it would have none; lines about what was done. `token` is the flag.

    Raises ConfigInvalid, ReadOnlyConfig, CannotKeep.
    """
    auth = snapshot.config.gateway.auth
    if token is not None:
        keep_in_config(instance, ("gateway", "auth"), {"mode": "token", "token": token})
        yield f"Saved the given token in {instance.shown(instance.config_path)}"
        return
    if auth.mode == "none":
        return
    exported = [name for name in OWN_SECRETS if _only_in_shell(instance, name)]
    for name in exported:
        _keep_in_env_file(instance, name)
        yield f"{name} was only in this shell: saved in {instance.shown(instance.state_dir / '.env')} for the service"
    known = auth.token or auth.password or any(snapshot.environ.get(name) for name in OWN_SECRETS)
    if known or auth.mode == "password" or kept_token(instance.store_dir):
        return
    keep_in_config(instance, ("gateway", "auth"), {"mode": "token", "token": new_token()})
    yield "No gateway token found. Auto-generated one and saving to config."


def settle_port(instance: Instance, snapshot: Snapshot, port: int | None) -> Iterator[str]:
    """Keep a port that only this command line or shell names in the config too, so that both always agree."""
    given = instance.given_environ.get("OPENCLAW_GATEWAY_PORT")
    wanted = port if port is not None else gateway_port(instance, snapshot.config)[0] if given else None
    configured = snapshot.config.gateway.port if "port" in snapshot.config.gateway.model_fields_set else None
    if wanted is None or configured == wanted:
        return
    keep_in_config(instance, ("gateway", "port"), wanted)
    yield f"Saved gateway.port={wanted} in {instance.shown(instance.config_path)}"


def missing_in_service(instance: Instance, snapshot: Snapshot) -> tuple[str, ...]:
    """Variables that the config uses and only this shell has."""
    names = dict.fromkeys(_VARIABLE.findall(snapshot.text))
    return tuple(name for name in names if _only_in_shell(instance, name) and name not in OWN_SECRETS)


def keep_in_config(instance: Instance, path: KeyPath, value: object) -> Snapshot:
    """The config with `value` at `path`, which is on disk then; what else stands there stays."""
    carry_out(instance, lambda old: plan_set(instance, old, path, value, "merge"))
    return load_config(instance)


def _only_in_shell(instance: Instance, name: str) -> bool:
    return bool(instance.given_environ.get(name)) and name not in parse_dotenv(_env_text(instance.state_dir / ".env"))


def _keep_in_env_file(instance: Instance, name: str) -> None:
    value, file = instance.given_environ[name], instance.state_dir / ".env"
    if "\n" in value or "'" in value:
        raise CannotKeep(f"{name} holds a quote or a line break and cannot stand in {file}")
    text = _env_text(file)
    try:
        write_private(file, f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{name}='{value}'\n")
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.chown(file, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise CannotKeep(f"cannot write {file}: {error.strerror}") from error


def _env_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
