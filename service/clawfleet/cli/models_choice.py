"""Which models a config chooses, as its text says it: read for people, and changed in few keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from clawfleet.cli.context import CliContext
from clawfleet.cli.models_auth_store import stored_ring
from clawfleet.config.change import Edit
from clawfleet.config.path import KeyPath

if TYPE_CHECKING:
    from clawfleet.models.catalog import Catalog

Kind = Literal["model", "imageModel"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A model and what to try after it, as they are written."""

    primary: str | None
    fallbacks: tuple[str, ...]
    is_bare: bool
    """Written as a string alone."""


def place_of(kind: Kind) -> KeyPath:
    """`agents.defaults.model` or `agents.defaults.imageModel`."""
    return ("agents", "defaults", kind)


def choice_of(source: Mapping[str, Any], kind: Kind) -> Choice:
    """What a config text chooses."""
    written = mapping_at(source, "agents", "defaults").get(kind)
    if isinstance(written, str):
        return Choice(written, (), True)
    row = written if isinstance(written, Mapping) else {}
    primary, fallbacks = row.get("primary"), row.get("fallbacks")
    names = tuple(name for name in fallbacks if isinstance(name, str)) if isinstance(fallbacks, list) else ()
    return Choice(primary if isinstance(primary, str) else None, names, False)


def mapping_at(source: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The object at a path; an empty one when there is none."""
    node: Any = source
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else {}


def primary_steps(source: Mapping[str, Any], kind: Kind, name: str) -> list[Edit]:
    """Choose a model and leave its fallbacks."""
    place = place_of(kind)
    return [Edit(place, name) if choice_of(source, kind).is_bare else Edit((*place, "primary"), name)]


def fallback_steps(source: Mapping[str, Any], kind: Kind, names: Sequence[str]) -> list[Edit]:
    """Choose what is tried after the model."""
    place, choice = place_of(kind), choice_of(source, kind)
    if choice.is_bare:
        return [Edit(place, {"primary": choice.primary, "fallbacks": list(names)})] if names else []
    if names or choice.fallbacks:
        return [Edit((*place, "fallbacks"), list(names))]
    return []


def allow_steps(source: Mapping[str, Any], *refs: str) -> list[Edit]:
    """Let chosen models be used where `modelPolicy.allow` names what may be; an empty list allows all already."""
    allowed = mapping_at(source, "agents", "defaults", "modelPolicy").get("allow")
    if not isinstance(allowed, list) or not allowed:
        return []
    names = [name for name in allowed if isinstance(name, str)]
    starts = tuple(name[:-1] for name in names if name.endswith("*"))
    fresh = [ref for ref in dict.fromkeys(refs) if ref not in names and not ref.startswith(starts)]
    return [Edit(("agents", "defaults", "modelPolicy", "allow"), [*allowed, *fresh])] if fresh else []


def catalog_of(cli: CliContext, *, asking: bool = False) -> Catalog:
    """The models of this instance's config and keys; `asking`: and what servers nearby have. Raises ConfigError."""
    from clawfleet.models.catalog import Catalog
    from clawfleet.models.local_models import asked_now

    config, environ = cli.snapshot.config, cli.snapshot.environ
    catalog = Catalog.of(config, environ, stored_ring(cli).best(environ, config.auth))
    return catalog.with_local(asked_now(catalog.by_id.values())) if asking else catalog


def meant(cli: CliContext, text: str) -> str:
    """The ref that a typed name means; the text itself, with a warning on stderr, when it leads nowhere."""
    from clawfleet.models.catalog import UnknownModel

    try:
        return str(catalog_of(cli).resolve(text))
    except UnknownModel as error:
        click.echo(f"! {error.message}", err=True)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        return text.strip()
