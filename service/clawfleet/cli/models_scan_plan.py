"""What a scan of providers found beside the config, and which keys adopting it changes. Decides only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from clawfleet.cli.models_add import add_steps
from clawfleet.cli.models_choice import allow_steps, mapping_at, primary_steps
from clawfleet.config.change import Edit
from clawfleet.config.models.root import Config
from clawfleet.config.provider_ids import provider_id
from clawfleet.core.errors import NotFoundError, RequestError

if TYPE_CHECKING:
    from clawfleet.models.discovery import Listing
    from clawfleet.models.offers import Offer
    from clawfleet.models.setups import ProviderSetup


class NothingFound(NotFoundError):
    """Nobody who was asked has models to offer."""

    code = "NO_MODELS_FOUND"
    exit_code = 1

    def __init__(self, what: str) -> None:
        super().__init__(f"No {what} answered with a list of models", hint="start one, or name it: --provider <id>")


class CannotAdopt(RequestError):
    """A provider's models can be listed, and nobody here speaks its wire."""

    code = "CANNOT_ADOPT_MODELS"
    exit_code = 1

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"Chats do not go through {provider}: its models are listed, not added",
            hint="put a proxy such as LiteLLM before it: openclaw models scan --provider litellm --yes",
        )


class NotOffered(NotFoundError):
    """A model was wanted that nobody offers."""

    code = "MODEL_NOT_OFFERED"
    exit_code = 1

    def __init__(self, name: str, offered: Sequence[str]) -> None:
        super().__init__(f'No provider that was asked has a model "{name}"', hint=f"offered: {', '.join(offered[:10])}")


@dataclass(frozen=True, slots=True)
class Found:
    """What one provider offers, and what the config lists of it."""

    setup: ProviderSetup
    base_url: str
    offers: Sequence[Offer]
    listed: Sequence[str]

    @classmethod
    def of(cls, listing: Listing, config: Config) -> Self:
        """A provider's answer beside a config. Raises NothingFound for an answer without models."""
        setup = listing.setup
        if not listing.offers:
            raise NothingFound(f'provider "{setup.id}"')
        rows = (row for name, row in config.models.providers.items() if provider_id(name) == setup.id)
        listed = [entry.id for row in rows for entry in row.models or ()]
        return cls(setup, listing.base_url, listing.offers, listed)

    @property
    def can_chat(self) -> bool:
        """Whether this gateway speaks the provider's wire."""
        from clawfleet.models.adapters import ADAPTERS

        return self.setup.api in ADAPTERS

    @property
    def ids(self) -> list[str]:
        """What is offered."""
        return [offer.id for offer in self.offers]

    @property
    def new(self) -> list[Offer]:
        """What is offered and neither listed nor known anyway."""
        known = {*self.listed, *(spec.id for spec in self.setup.models)}
        return [offer for offer in self.offers if offer.id not in known]

    @property
    def missing(self) -> list[str]:
        """What the config lists and the provider no longer has."""
        return [name for name in self.listed if name not in self.ids]

    @property
    def shown_url(self) -> str:
        """The address without what must not be seen of it."""
        from clawfleet.models.hosts import public_url

        return public_url(self.base_url)

    @property
    def better_url(self) -> str | None:
        """The address that answered, where it is not the configured one."""
        return self.shown_url if self.base_url.rstrip("/") != self.setup.base_url.rstrip("/") else None

    def rows(self) -> list[tuple[str, str, str, str]]:
        """What is shown: first what is new, then the rest as the provider lists it, then what is missing."""
        new = {offer.id for offer in self.new}
        first = [*self.new, *(offer for offer in self.offers if offer.id not in new)]
        shown = [
            (offer.id, "+".join(offer.input or ("text",)), _size(offer.context_window), _state(offer.id in new))
            for offer in first
        ]
        return [*shown, *((name, "-", "-", "missing upstream") for name in self.missing)]

    def document(self, chosen: Chosen, *, changed: bool) -> dict[str, object]:
        """The same as JSON, with what became of it."""
        new = {offer.id for offer in self.new}
        models = [
            {
                "id": offer.id,
                "input": list(offer.input or ("text",)),
                "contextWindow": offer.context_window,
                "state": _state(offer.id in new),
            }
            for offer in self.offers
        ]
        lost: list[dict[str, object]] = [
            {"id": name, "input": [], "contextWindow": None, "state": "missing upstream"} for name in self.missing
        ]
        return {
            "ok": True,
            "provider": self.setup.id,
            "baseUrl": self.shown_url,
            "api": self.setup.api,
            "models": [*models, *lost],
            "added": [offer.id for offer in chosen.added.get(self.setup.id, ())],
            "missing": self.missing,
            "default": chosen.default,
            "changed": changed,
        }


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is adopted: models by provider, models to take out by provider, and what they become."""

    setups: Mapping[str, ProviderSetup]
    added: Mapping[str, Sequence[Offer]] = field(default_factory=dict)
    pruned: Mapping[str, Sequence[str]] = field(default_factory=dict)
    default: str | None = None
    image: str | None = None


def chosen_of(found: Sequence[Found], names: Sequence[str], *, adds_all: bool, prune: bool) -> Chosen:
    """What is adopted: the named models, or all that are new. Raises NotOffered."""
    offered = [name for each in found for name in each.ids]
    for name in names:
        if name not in offered:
            raise NotOffered(name, offered)
    added = {
        each.setup.id: [offer for offer in each.new if adds_all or offer.id in names] for each in found
    }  # fmt: skip
    pruned = {each.setup.id: each.missing for each in found} if prune else {}
    return Chosen({each.setup.id: each.setup for each in found}, added, pruned)


def scan_steps(source: Mapping[str, Any], chosen: Chosen) -> list[Edit]:
    """The edits that adopt what was chosen; none where all of it is there."""
    steps: list[Edit] = []
    refs = [f"{name}/{offer.id}" for name, offers in chosen.added.items() for offer in offers]
    for name, setup in chosen.setups.items():
        steps += add_steps(source, setup, chosen.added.get(name, ()), without=chosen.pruned.get(name, ()))
    known = mapping_at(source, "agents", "defaults", "models")
    if known:  # a list of models is a list of what may be used; a first row would forbid all others
        steps += [Edit(("agents", "defaults", "models", ref), {}) for ref in refs if ref not in known]
    steps += allow_steps(source, *refs, *(ref for ref in (chosen.default, chosen.image) if ref))
    if chosen.default:
        steps += primary_steps(source, "model", chosen.default)
    if chosen.image:
        steps += primary_steps(source, "imageModel", chosen.image)
    return steps


def _state(is_new: bool) -> str:
    return "new" if is_new else "configured"


def _size(tokens: int | None) -> str:
    return f"{round(tokens / 1000)}k" if tokens else "-"
