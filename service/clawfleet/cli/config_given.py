"""What `config set` is asked to set: one value, a batch, a SecretRef or a provider of secrets. Pure.

Source: config-and-cli §3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import click
import pyjson5

from clawfleet.config.change import Edit, parse_value
from clawfleet.config.path import KeyPath, look_up, parse_path, show_path
from clawfleet.core.errors import RequestError

InputMode = Literal["value", "json", "builder", "batch"]
_BUILDERS = ("ref_", "provider_")


class BadBatch(RequestError):
    """A batch is not a list of paths and values."""

    code = "CONFIG_BATCH_INVALID"
    exit_code = 1


class Moved(RequestError):
    """Somebody else has changed what was to be changed."""

    code = "CONFIG_CHANGED"
    exit_code = 1

    def __init__(self, path: KeyPath, why: str) -> None:
        super().__init__(
            f"The config file changed while this command was writing: {show_path(path)} {why}. Nothing was written.",
            hint=f"look again: openclaw config get {show_path(path)}",
        )


@dataclass(frozen=True, slots=True)
class Given:
    """The changes that a command line asks for, and in which of its forms."""

    edits: tuple[Edit, ...]
    mode: InputMode


def read_given_edits(path: str | None, value: str | None, batch: str | None, flags: Mapping[str, Any]) -> Given:
    """The changes. Raises click's UsageError when the forms are mixed, BadBatch, BadPath, NotJson."""
    built = _built(flags)
    if batch is not None:
        if path is not None or built is not None:
            raise click.UsageError("a batch stands alone, without PATH and VALUE")
        return Given(_of_batch(batch), "batch")
    if path is None or (value is None and built is None):
        raise click.UsageError("Missing argument: PATH VALUE (or --batch-json, --batch-file)")
    keys = parse_path(path)
    if built is not None:
        if value is not None:
            raise click.UsageError("--ref-… and --provider-… stand in place of VALUE")
        return Given((Edit(keys, built),), "builder")
    strict = bool(flags["strict_json"] or flags["as_json"])
    return Given((Edit(keys, parse_value(value or "", keys, strict=strict)),), "json" if strict else "value")


def check_expected(source: Mapping[str, object], path: KeyPath, flags: Mapping[str, Any], expected: object) -> None:
    """Raise Moved unless the file says at `path` what the caller believes that it says."""
    try:
        found: object = look_up(source, path)
        is_there = True
    except KeyError:
        found, is_there = None, False
    if flags["expect_current_absent"] and is_there:
        raise Moved(path, "is set")
    if flags["expect_current_json"] is not None and (not is_there or not _same(found, expected)):
        raise Moved(path, "is not what was expected" if is_there else "is not set")


def _same(one: object, other: object) -> bool:
    """Equal by JSON type and structure: `1` is not `true`, and order of keys does not count."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _of_batch(text: str) -> tuple[Edit, ...]:
    try:
        rows = pyjson5.decode(text)
    except pyjson5.Json5Exception:
        raise BadBatch("The batch is not JSON: expected an array of {path, value | ref | provider}.") from None
    if not isinstance(rows, list) or not rows:
        raise BadBatch("The batch must be an array of {path, value | ref | provider} with at least one entry.")
    return tuple(_of_row(index, row) for index, row in enumerate(rows))


def _of_row(index: int, row: object) -> Edit:
    if not isinstance(row, Mapping) or not isinstance(row.get("path"), str):
        raise BadBatch(f'batch[{index}]: expected an object with a "path"')
    kinds = [kind for kind in ("value", "ref", "provider") if kind in row]
    if len(kinds) != 1:
        raise BadBatch(f"batch[{index}]: expected exactly one of value, ref, provider")
    if extra := [key for key in row if key not in ("path", *kinds)]:
        raise BadBatch(f'batch[{index}]: Unrecognized key: "{extra[0]}"')
    return Edit(parse_path(row["path"]), row[kinds[0]])


def _built(flags: Mapping[str, Any]) -> dict[str, object] | None:
    """The SecretRef or the provider of secrets that flags describe; None without any of them."""
    ref = {name: flags[f"ref_{name}"] for name in ("source", "provider", "id") if flags[f"ref_{name}"] is not None}
    source = flags["provider_source"]
    given = {name for name, value in flags.items() if name.startswith("provider_") and value not in (None, (), False)}
    if ref and given:
        raise click.UsageError("--ref-… and --provider-… exclude each other")
    if ref:
        if missing := [f"--ref-{name}" for name in ("source", "id") if name not in ref]:
            raise click.UsageError(f"a SecretRef needs {' and '.join(missing)}")
        return {"source": ref["source"], "provider": ref.get("provider", "default"), "id": ref["id"]}
    if not given:
        return None
    if source is None:
        raise click.UsageError("a provider of secrets needs --provider-source")
    return {"source": source} | _provider_keys(flags)


_KEYS: Sequence[tuple[str, str]] = (
    ("provider_allowlist", "allowlist"),
    ("provider_path", "path"),
    ("provider_mode", "mode"),
    ("provider_max_bytes", "maxBytes"),
    ("provider_command", "command"),
    ("provider_arg", "args"),
    ("provider_timeout_ms", "timeoutMs"),
    ("provider_max_output_bytes", "maxOutputBytes"),
    ("provider_json_only", "jsonOnly"),
    ("provider_pass_env", "passEnv"),
    ("provider_trusted_dir", "trustedDirs"),
)


def _provider_keys(flags: Mapping[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {}
    for flag, key in _KEYS:
        value = flags[flag]
        if value not in (None, (), False):
            found[key] = list(value) if isinstance(value, tuple) else value
    pairs = [pair.partition("=") for pair in flags["provider_env"]]
    if bad := [name for name, sign, _ in pairs if not sign or not name]:
        raise click.UsageError(f"--provider-env {bad[0]}: expected KEY=VALUE")
    return found | ({"env": {name: value for name, _, value in pairs}} if pairs else {})
