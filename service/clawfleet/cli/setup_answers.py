"""What somebody decided when a gateway was set up, and which keys of the config and `.env` say so. Pure.

Keys go into `.env` and the config names the variable, unless plain text is asked for. Source: config-and-cli §10.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from clawfleet.cli.models_choice import mapping_at, primary_steps
from clawfleet.config.change import Edit
from clawfleet.core.errors import RequestError

PROVIDERS = ("models", "providers")


class BadUrl(RequestError):
    """The address of a provider is none."""

    code = "BAD_URL"


@dataclass(frozen=True, slots=True)
class CustomProvider:
    """A server of the operator's own. `id` None makes one of the address."""

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    id: str | None = None
    api: str = "openai-completions"


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that was decided; None leaves what is there.

    `variables` go into `.env`. `model` is a ref. `auth` are keys of `gateway.auth`.
    """

    mode: str = "local"
    workspace: str | None = None
    port: int | None = None
    bind: str | None = None
    auth: Mapping[str, str] | None = field(default=None, repr=False)
    remote: Mapping[str, str] = field(default_factory=dict, repr=False)
    custom: CustomProvider | None = None
    model: str | None = None
    channel: tuple[str, Mapping[str, str]] | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    keeps_keys_in_config: bool = False


def provider_id_of(base_url: str) -> str:
    """`custom-127-0-0-1-9911` of `http://127.0.0.1:9911/v1`. Raises BadUrl."""
    try:
        parts = urlsplit(base_url.strip())
        port = parts.port
    except ValueError:
        raise BadUrl(f"{base_url!r} is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadUrl(f"{base_url!r} is no URL", hint="for example http://127.0.0.1:8317/v1")
    host = re.sub(r"[^a-z0-9]+", "-", parts.hostname.lower()).strip("-")
    return f"custom-{host}-{port}" if port else f"custom-{host}"


def variable_of(provider: str) -> str:
    """The variable that holds the key of a provider."""
    from clawfleet.models.credentials import derived_name

    return derived_name(provider)


def custom_id(source: Mapping[str, Any], custom: CustomProvider) -> str:
    """The id for a custom provider: the one that has its address already, else a free one."""
    from clawfleet.config.provider_ids import provider_id

    rows = mapping_at(source, *PROVIDERS)
    name = provider_id(custom.id or provider_id_of(custom.base_url))
    number, free = 1, name
    while free in rows and not custom.id and mapping_at(rows, free).get("baseUrl") != custom.base_url:
        number += 1
        free = f"{name}-{number}"
    return free


def steps_of(source: Mapping[str, Any], answers: Answers) -> list[Edit]:
    """The keys of the config that say what was decided."""
    gateway = {"mode": answers.mode, "port": answers.port, "bind": answers.bind}
    steps = [Edit(("gateway", key), value) for key, value in gateway.items() if value is not None]
    steps += [Edit(("gateway", "auth", key), value) for key, value in (answers.auth or {}).items()]
    steps += [Edit(("gateway", "remote", key), value) for key, value in answers.remote.items()]
    if answers.workspace is not None:
        steps.append(Edit(("agents", "defaults", "workspace"), answers.workspace))
    if answers.custom is not None:
        steps += _custom_steps(source, answers, answers.custom)
    if answers.model is not None:
        steps += primary_steps(source, "model", answers.model)
    if answers.channel is not None:
        name, keys = answers.channel
        steps += [Edit(("channels", name, key), value) for key, value in (*keys.items(), ("enabled", True))]
    return steps


def variables_of(source: Mapping[str, Any], answers: Answers) -> dict[str, str]:
    """What goes into `.env`."""
    found = dict(answers.variables)
    if answers.custom and answers.custom.key and not answers.keeps_keys_in_config:
        found[variable_of(custom_id(source, answers.custom))] = answers.custom.key
    return found


def _custom_steps(source: Mapping[str, Any], answers: Answers, custom: CustomProvider) -> list[Edit]:
    name = custom_id(source, custom)
    old = mapping_at(source, *PROVIDERS, name)
    listed = old.get("models")
    models = [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []
    if all(row.get("id") != custom.model for row in models):
        models.append({"id": custom.model, "name": custom.model})
    key = {}
    if custom.key:
        key["apiKey"] = custom.key if answers.keeps_keys_in_config else f"${{{variable_of(name)}}}"
    row = {**old, "baseUrl": custom.base_url, "api": custom.api, **key, "models": models}
    return [Edit((*PROVIDERS, name), row), *primary_steps(source, "model", f"{name}/{custom.model}")]
