"""How models stand for one agent: what is chosen, what it is asked with, what is missing. For `models status`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clawfleet.cli.context import CliContext
from clawfleet.cli.models_aliases import aliases_of
from clawfleet.cli.models_auth_store import stored_ring
from clawfleet.cli.models_choice import catalog_of
from clawfleet.core.clock import now_ms

if TYPE_CHECKING:
    from clawfleet.models.auth.outlook import Outlook, Seer
    from clawfleet.models.auth.report import ProfileReport
    from clawfleet.models.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that the page tells. `route` are the models that answer, in the order of trying."""

    cli: CliContext
    catalog: Catalog
    seer: Seer
    agent: str
    default: str
    fallbacks: tuple[str, ...]
    images: tuple[str, ...]
    aliases: dict[str, str]
    stored: list[ProfileReport]
    route: tuple[Outlook, ...]
    image_route: tuple[Outlook, ...]

    @property
    def providers(self) -> list[str]:
        """Those of the models in use."""
        return list(dict.fromkeys(row.ref.partition("/")[0] for row in self.route if "/" in row.ref))

    @property
    def lacking(self) -> list[tuple[str, str]]:
        """(model, what keeps it from answering) of those in use."""
        return [(row.ref, row.problem) for row in self.route if row.problem]

    @property
    def expiring(self) -> list[str]:
        """The keys in use that run out within a day and that nothing renews."""
        soon = {row.id for row in self.stored if row.standing == "expiring"}
        used = (row.next for row in self.route)
        return [key.source for key in used if key and key.source.removeprefix("auth profile ") in soon]

    @property
    def code(self) -> int:
        """What `--check` ends with."""
        return 1 if self.lacking else 2 if self.expiring else 0


def standing(cli: CliContext, agent: str | None) -> Standing:
    """How models stand. Raises ConfigError, UnknownAgent."""
    from clawfleet.cli.agents_bind import known_agent
    from clawfleet.models.auth.outlook import Seer
    from clawfleet.models.auth.report import reports
    from clawfleet.models.selection import Selection

    agent_id, snapshot, ring = known_agent(cli, agent), cli.snapshot, stored_ring(cli)
    config, environ = snapshot.config, snapshot.environ
    catalog = catalog_of(cli, asking=True)
    seer, selection = Seer(catalog, ring, config.auth, environ, agent_id), Selection(config)
    default, fallbacks = str(catalog.default(agent_id)), selection.fallbacks(agent_id)
    images = selection.image_models(agent_id)
    return Standing(
        cli=cli,
        catalog=catalog,
        seer=seer,
        agent=agent_id,
        default=default,
        fallbacks=fallbacks,
        images=images,
        aliases=aliases_of(snapshot.source),
        stored=reports(ring, agent_id, config.auth, environ),
        route=_seen(seer, (default, *fallbacks)),
        image_route=_seen(seer, images),
    )


def remaining(expires_at_ms: int) -> str:
    """How long something is still good: `2h`, `12d`, `expired`."""
    left_ms = expires_at_ms - now_ms()
    hours = left_ms // 3_600_000
    if left_ms <= 0:
        return "expired"
    return f"{max(left_ms // 60_000, 1)}m" if hours < 1 else f"{hours}h" if hours < 48 else f"{hours // 24}d"


def _seen(seer: Seer, names: Iterable[str]) -> tuple[Outlook, ...]:
    rows = {row.ref: row for row in map(seer.outlook, names)}
    return tuple(rows.values())
