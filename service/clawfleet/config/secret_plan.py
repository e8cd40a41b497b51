"""A plan of `secrets apply`: which keys get which reference. Read and judged here; nothing is written.

Source: config-and-cli §8, docs/gateway/secrets-plan-contract.md (2026.9.6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from clawfleet.config.change import plan_set, plan_unset
from clawfleet.config.edit import NotSet, get_value, set_value
from clawfleet.config.env import Instance
from clawfleet.config.layout import Json5Syntax
from clawfleet.config.path import KeyPath, parse_path
from clawfleet.config.redacted import is_secret_name
from clawfleet.core.errors import RequestError

MAX_BYTES = 16 * 1024**2
ENV_ID = re.compile(r"[A-Z][A-Z0-9_]{0,127}")


class BadPlan(RequestError):
    """The plan cannot be followed; nothing was written."""

    code = "SECRETS_PLAN_INVALID"
    exit_code = 1


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Ref(_Row):
    """Where a value comes from."""

    source: Literal["env", "file", "exec", "store"]
    provider: str = "default"
    id: str

    @property
    def written(self) -> object:
        """How the config says it: `${NAME}` where that is enough."""
        if self.source == "env" and self.provider == "default":
            return f"${{{self.id}}}"
        return {"source": self.source, "provider": self.provider, "id": self.id}


class PlanTarget(_Row):
    """One key that gets a reference."""

    type: str
    path: Annotated[str, Field(min_length=1)]
    path_segments: tuple[str, ...] | None = None
    ref: Ref

    @property
    def keys(self) -> KeyPath:
        """The key path. Raises BadPlan when it is none, or names no secret."""
        keys = parse_path(self.path)
        if self.path_segments is not None and tuple(map(str, keys)) != self.path_segments:
            raise BadPlan(f"Invalid plan target: pathSegments and path differ: {self.path}")
        names = [str(key) for key in keys]
        if self.type.startswith("auth-profiles."):
            raise BadPlan(
                f"Plan target {self.type} is not supported: a plan changes the config only",
                hint="keys are in models.providers.<id>.apiKey, or: openclaw models auth paste-api-key",
            )
        if not is_secret_name(names[-1], names[-2] if len(names) > 1 else ""):
            raise BadPlan(f"Invalid plan target path for {self.type}: {self.path}")
        return keys


class SecretPlan(_Row):
    """The whole plan."""

    version: Literal[1]
    protocol_version: Literal[1] = 1
    targets: tuple[PlanTarget, ...]
    provider_upserts: Mapping[str, Mapping[str, object]] = Field(default_factory=dict)
    provider_deletes: tuple[str, ...] = ()


def read_plan(file: Path) -> SecretPlan:
    """The plan in a file. Raises BadPlan."""
    try:
        if not file.is_file() or file.stat().st_size > MAX_BYTES:
            raise BadPlan(f"{file} is not a plan: a regular file of at most 16 MiB is needed")
        return SecretPlan.model_validate_json(file.read_bytes())
    except OSError as error:
        raise BadPlan(f"cannot read {file}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise BadPlan(
            f"{file} is not a plan: {place}: {first['msg']}", hint="an example: openclaw secrets apply --help"
        ) from error


def follow(instance: Instance, text: str, plan: SecretPlan) -> str:
    """The config text after the plan. Raises BadPlan for a variable that is not set, and what `config set` raises."""
    for alias, provider in plan.provider_upserts.items():
        text = plan_set(instance, text, ("secrets", "providers", alias), dict(provider), "replace").text
    for target in plan.targets:
        check_ref(target.ref, instance.environ)
        text = plan_set(instance, text, target.keys, target.ref.written).text
    for alias in plan.provider_deletes:
        try:
            text = plan_unset(instance, text, ("secrets", "providers", alias)).text
        except NotSet:
            continue
    return text


def check_ref(ref: Ref, environ: Mapping[str, str]) -> None:
    """Return if the reference can be resolved, as far as that is known here. Raises BadPlan."""
    if ref.source != "env":
        return
    if not ENV_ID.fullmatch(ref.id):
        raise BadPlan(f"{ref.id!r} is no variable name", hint="capitals, digits and _")
    if not environ.get(ref.id):
        raise BadPlan(f"{ref.id} is not set", hint=f"openclaw secrets set {ref.id}")


def scrubbed(text: str, plan: SecretPlan) -> str:
    """An older version of the config in which those targets that it has in plain text are references too."""
    for target in plan.targets:
        try:
            value = get_value(text, target.keys)
            if isinstance(value, str) and "${" not in value:
                text = set_value(text, target.keys, target.ref.written)
        except (NotSet, Json5Syntax, RequestError):
            continue
    return text
