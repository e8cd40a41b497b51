"""What servers nearby said they have: their models are in the catalog without a line of config.

A server is asked when the operator opted into it, by its variable or by an entry that lists no models of its own.
Source: models-and-auth §10.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from clawfleet.models.offers import Offer
from clawfleet.models.presets import DEFAULT_CONTEXT_WINDOW, TEXT, ModelSpec
from clawfleet.models.setups import ProviderSetup

if TYPE_CHECKING:  # loading it loads aiohttp
    from clawfleet.models.providers.http import Http

log = logging.getLogger("clawfleet.models")

ASKED = frozenset({"ollama", "lmstudio", "vllm", "sglang"})
"""Servers whose models nobody can know beforehand."""


def is_asked(setup: ProviderSetup) -> bool:
    """Whether the operator opted into a server and left it to the server which models there are."""
    opted_in = setup.is_configured or setup.credential.key is not None
    return setup.id in ASKED and opted_in and (setup.told or not setup.models) and setup.problem is None


class LocalModels:
    """What each server said last. One that does not answer keeps its models, one that has none any more loses them.

    `revision` grows with each change.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._found: dict[tuple[str, str], tuple[ModelSpec, ...]] = {}

    def known(self, setup: ProviderSetup) -> ProviderSetup:
        """The provider with the models that its server told of."""
        found = self._found.get((setup.id, setup.base_url)) if is_asked(setup) else None
        return replace(setup, models=found, told=True) if found else setup

    async def ask(self, http: Http, setups: Iterable[ProviderSetup]) -> None:
        """Ask every server among `setups` that is to be asked, all at once; nothing is raised."""
        await asyncio.gather(*(self._ask(http, setup) for setup in setups if is_asked(setup)))

    async def _ask(self, http: Http, setup: ProviderSetup) -> None:
        from clawfleet.models.discovery import LOCAL_TIMEOUT_S, CannotAsk, NoAnswer, listed

        try:
            listing = await listed(http, setup, LOCAL_TIMEOUT_S)
        except (CannotAsk, NoAnswer) as error:
            log.info("%s was not asked for its models: %s", setup.id, error.message)
            return
        found, place = tuple(map(spec_of, listing.offers)), (setup.id, setup.base_url)
        if self._found.get(place, ()) != found:
            self._found[place] = found
            self.revision += 1
            log.info("%s has %d models: %s", setup.id, len(found), ", ".join(spec.id for spec in found) or "none")


def asked_now(setups: Iterable[ProviderSetup]) -> LocalModels:
    """What the servers among `setups` say at this moment, for callers that wait."""
    local, asked = LocalModels(), [setup for setup in setups if is_asked(setup)]

    async def run() -> None:
        from clawfleet.models.providers.http import Http

        http = Http()
        try:
            await local.ask(http, asked)
        finally:
            await http.close()

    if asked:
        asyncio.run(run())
    return local


def spec_of(offer: Offer) -> ModelSpec:
    """A model as its server describes it."""
    return ModelSpec(
        offer.id,
        offer.name,
        offer.context_window or DEFAULT_CONTEXT_WINDOW,
        offer.max_tokens,
        offer.reasoning,
        offer.input or TEXT,
    )
