"""Gets the values of secrets on the control machine: environment, files, or made once and kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from clawfleet.fleet.env_file import read_env, render_env
from clawfleet.fleet.instance import GatewayInstance
from clawfleet.fleet.models.host import Host
from clawfleet.fleet.problems import FleetInvalidError, Problem
from clawfleet.fleet.secret_refs import SecretRef
from operator_files import alone, read_text, write_whole
from secret_commands import NoSecretError, decrypted, op_read, told

AGE_IDENTITY = "~/.config/sops/age/keys.txt"
"""Where sops looks for age keys too."""

CURE = "give the password alone, without a line break"

Address = tuple[str, str]
"""(instance id, variable)."""


class SecretSources:
    """Resolves references relative to `base`; generated values live in `kept`, an owner-only file.

    `age_identity` is the key file that age decrypts with.
    """

    def __init__(self, base: Path, kept: Path, age_identity: str = AGE_IDENTITY) -> None:
        self._base = base
        self._kept = kept
        self._identity = base / Path(age_identity).expanduser()
        self._files: dict[Path, dict[str, str]] = {}
        self._key = secrets.token_bytes(32)
        self._made: dict[Address, str] = {}
        self.problems: list[Problem] = []

    def resolve(self, instances: Sequence[GatewayInstance]) -> dict[Address, str]:
        """The value of every secret of every instance; what cannot be had is added to `problems`.

        Generated ones that are missing are made; `keep` writes them down.
        """
        kept = self._read(self._kept) if self._kept.exists() else {}
        made: dict[str, str] = {}
        found: dict[Address, str] = {}
        for instance in instances:
            for name, ref in instance.secrets.items():
                if ref.source == "generate":
                    key = kept_name(instance, name)
                    value = kept.get(key) or made.setdefault(key, secrets.token_hex(32))
                    if key in made:
                        self._made[instance.id, name] = key
                else:
                    value = self._value(f"{instance.id}: {name}", ref)
                if value:
                    found[instance.id, name] = value
        return found

    def sudo_passwords(self, hosts: Mapping[str, Host]) -> dict[str, str]:
        """The password of every host whose sudo asks for one; what cannot be had is added to `problems`."""
        return self._of_hosts(
            "connect.sudoPassword", {name: host.connect.sudo_password for name, host in hosts.items()}
        )

    def auth_keys(self, hosts: Mapping[str, Host]) -> dict[str, str]:
        """The key of every host that is to join a tailnet by one; what cannot be had is added to `problems`."""
        keys = {name: host.tailscale.auth_key if host.tailscale else None for name, host in hosts.items()}
        return self._of_hosts("tailscale.authKey", keys)

    def _of_hosts(self, what: str, refs: Mapping[str, SecretRef | None]) -> dict[str, str]:
        found = {}
        for name, ref in refs.items():
            if ref is None:
                continue
            value = self._value(f"{name}: {what}", ref)
            if "\n" in value or "\r" in value:
                self.problems.append(Problem("secret", f"{name}: {what} has more than one line", CURE))
            elif value:
                found[name] = value
        return found

    def keep(self, values: Mapping[Address, str]) -> dict[Address, str]:
        """Writes newly generated secrets to the kept file, in one go; the values as they are from now on.

        Another run may have made the same meanwhile: what stands in the file counts.
        """
        if not self._made:
            return dict(values)
        with alone(self._kept, 0o600):
            kept = {key: value for key, value in read_env(read_text(self._kept, "secret")).items() if value}
            made = {key: kept.get(key) or values[address] for address, key in self._made.items()}
            if not made.items() <= kept.items():
                write_whole(self._kept, render_env(kept | made), 0o600)
        return dict(values) | {address: made[key] for address, key in self._made.items()}

    def fingerprints(self, values: dict[Address, str]) -> dict[Address, str]:
        """A keyed hash per value: equal for equal values, worthless outside this run."""
        return {
            address: hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()
            for address, value in values.items()
        }

    def _value(self, who: str, ref: SecretRef) -> str:
        try:
            value, cure = self._found(ref)
        except NoSecretError as error:
            self.problems.append(Problem("secret", f"{who}: {ref}: {error}", error.cure))
            return ""
        if not value:
            self.problems.append(Problem("secret", f"{who}: {ref} has no value", cure))
        return value

    def _found(self, ref: SecretRef) -> tuple[str, str]:
        """The value, empty when there is none, and what would give it one. Raises NoSecretError."""
        if ref.source == "env":
            return os.environ.get(ref.key, ""), f"export {ref.key} before running this"
        if ref.source == "op":
            return op_read(ref.path), "fill the field"
        if ref.source == "exec":
            return told(ref), "the program must print it"
        path = self._base / Path(ref.path).expanduser()
        if not path.exists():
            raise NoSecretError(f"{path} does not exist", "create it, mode 0600")
        if ref.source == "file":
            return self._read(path).get(ref.key, ""), f"add {ref.key} to it"
        if path not in self._files:
            self._files[path] = decrypted(ref.source, path, self._identity)
        return self._files[path].get(ref.key, ""), f"add {ref.key} to it"

    def _read(self, path: Path) -> dict[str, str]:
        if path not in self._files:
            self._files[path] = self._parsed(path)
        return self._files[path]

    def _parsed(self, path: Path) -> dict[str, str]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            self.problems.append(
                Problem("secret", f"{path} can be read by others (mode {mode:04o})", f"chmod 600 {path}")
            )
        try:
            text = read_text(path, "secret")
        except FleetInvalidError as error:
            self.problems += error.problems
            return {}
        if path.suffix != ".json":
            return read_env(text)
        try:
            tree = json.loads(text)
        except ValueError:
            self.problems.append(Problem("secret", f"{path} is not JSON", "it must hold one object of strings"))
            return {}
        return {key: value for key, value in tree.items() if isinstance(value, str)} if isinstance(tree, dict) else {}


def kept_name(instance: GatewayInstance, name: str) -> str:
    """The variable under which a generated secret stands in the kept file."""
    return re.sub(r"[^A-Z0-9]+", "_", instance.id.upper()) + f"__{name}"
