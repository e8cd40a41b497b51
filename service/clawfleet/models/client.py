"""`Models`: what the rest of the gateway sees of models. One object per config; all share what is connected."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Self

from clawfleet.config.models.auth import Auth
from clawfleet.config.models.root import Config
from clawfleet.core.errors import GatewayError
from clawfleet.core.messages import Message, ToolSpec
from clawfleet.models.adapters import MakeProvider, load_adapter
from clawfleet.models.auth.references import fetched
from clawfleet.models.auth.renewal import Renewer
from clawfleet.models.auth.ring import Key, KeyRing
from clawfleet.models.auth.store import NoSuchProfile
from clawfleet.models.catalog import Catalog
from clawfleet.models.credentials import Credential
from clawfleet.models.embeddings import Vectors, embed, target_of
from clawfleet.models.failover import Failover, Leg, Switched, Way, unusable
from clawfleet.models.local_models import LocalModels, is_asked
from clawfleet.models.providers.base import Event, Request, Sampling
from clawfleet.models.refs import ModelRef
from clawfleet.models.retrying import RETRY_VARIABLE, limit_of

if TYPE_CHECKING:  # loading it loads aiohttp
    from clawfleet.models.providers.http import Http


class _Pool:
    """The one HTTP pool, opened at its first use."""

    def __init__(self) -> None:
        self._http: Http | None = None

    def open(self) -> Http:
        if self._http is None:
            from clawfleet.models.providers.http import Http

            self._http = Http()
        return self._http

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a model is asked: whose keys are used, with which key a session stays, and which it names.

    `may_fall_back`: other models may answer, as the agent's fallbacks say; `tools_for` are the tools of such a one,
    where they are not those of the model that was asked.
    """

    agent_id: str | None = None
    session_id: str | None = None
    profile: str | None = None
    may_fall_back: bool = False
    tools_for: Callable[[ModelRef], Sequence[ToolSpec]] | None = None


ANYBODY = Asker()


class Models:
    """Asks models. Knows the catalog, loads the adapter of a wire API at its first use, shares one HTTP pool.

    `ring` has the stored keys; all that is made of one another (`renewed`) shares it, and what local servers said.
    """

    def __init__(self, config: Config, environ: Mapping[str, str], ring: KeyRing | None = None) -> None:
        self.ring = ring or KeyRing()
        self._config = config
        self._environ = environ
        self._adapters: dict[str, MakeProvider] = {}
        self._pool = _Pool()
        self._renewer = Renewer(self.ring)
        self._local = LocalModels()
        self._made_of = (-1, -1)
        self._catalog: Catalog | None = None
        self.ring.fetch_with(partial(fetched, config.secrets, environ))

    @property
    def catalog(self) -> Catalog:
        """Which models there are, by the keys of this moment."""
        made_of = (self.ring.revision, self._local.revision)
        if self._catalog is None or self._made_of != made_of:
            self._made_of = made_of
            profiled = self.ring.best(self._environ, self._config.auth)
            self._catalog = Catalog.of(self._config, self._environ, profiled).with_local(self._local)
        return self._catalog

    async def ask_local(self) -> None:
        """Ask the servers nearby that the operator opted into for their models; the catalog has them from then on."""
        if asked := [setup for setup in self.catalog.by_id.values() if is_asked(setup)]:
            await self._local.ask(self._pool.open(), asked)

    @property
    def auth(self) -> Auth:
        """What the config says of stored keys."""
        return self._config.auth

    @property
    def environ(self) -> Mapping[str, str]:
        """Where variables that stand for keys are looked up."""
        return self._environ

    def renewed(self, config: Config, environ: Mapping[str, str]) -> Self:
        """The models of another config, on the same connections; whoever still has these goes on with these."""
        other = copy.copy(self)
        other._config, other._environ, other._catalog = config, environ, None
        self.ring.fetch_with(partial(fetched, config.secrets, environ))
        return other

    async def stream(
        self,
        ref: ModelRef,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        sampling: Sampling | None = None,
        asker: Asker = ANYBODY,
    ) -> AsyncGenerator[Event | Switched, None]:
        """The answer of `ref` as it arrives; close the generator to hang up.

        Keys take turns and, where `asker` allows it, fallbacks answer: a `Switched` then comes before their events.
        Nothing is asked again once a part of an answer was yielded. Raises `UnknownModel`, or a leaf of `CallFailed`
        that tells what was tried.
        """
        await self.ring.refresh()
        way = self._way(ref, asker)
        request = Request(ref.model, tuple(messages), tuple(tools), sampling or Sampling(), asker.session_id)

        def ask(leg: Leg) -> AsyncGenerator[Event, None]:
            others = asker.tools_for if leg.ref != ref else None
            fitting = request if others is None else replace(request, tools=tuple(others(leg.ref)))
            return self.ask_with(fitting, leg, asker.agent_id)

        async with aclosing(Failover(way, ask, self.ring).stream()) as events:
            async for event in events:
                yield event

    def legs(self, ref: ModelRef, asker: Asker) -> list[Leg]:
        """`ref` with each key that may be sent for it, the best first. Raises what keeps it from being asked."""
        pinned = asker.profile or self.ring.chosen(asker.session_id, ref.provider)
        keys = self.ring.keys(asker.agent_id, ref.provider, self.auth, self._environ, pinned)
        keys += [Key.of_credential(ref.provider, row) for row in self.catalog.keys(ref) if row.key]
        if keys:
            self.catalog.endpoint(ref, Credential(keys[0].secret or "-", keys[0].source))
        else:
            first = next(iter(self.catalog.keys(ref)), Credential())
            self.catalog.endpoint(ref, first)
            keys = [Key.of_credential(ref.provider, first)]
        return [Leg(ref, key) for key in keys]

    async def embed(self, texts: Sequence[str], wanted: str | None = None, dimensions: int | None = None) -> Vectors:
        """One vector for each text, by the model that is configured for it.

        Raises `NoEmbeddings`, or a leaf of `CallFailed`.
        """
        await self.ring.refresh()
        return await embed(self._pool.open, target_of(self._config, self.catalog.by_id, wanted), texts, dimensions)

    def rests(self, ref: ModelRef, agent_id: str) -> bool:
        """Whether every key of a model is left alone for now, after failures."""
        try:
            legs = self.legs(ref, Asker(agent_id))
        except GatewayError:
            return False
        return all(self.ring.blocked_until_ms(leg.key, ref.model) for leg in legs)

    async def check_profile(self, name: str, ref: str, agent_id: str) -> None:
        """Return if an agent has an auth profile of that name for the provider of `ref`. Raises `NoSuchProfile`."""
        await self.ring.refresh()
        if all(row.id != name for row in self.ring.profiles(agent_id, ref.partition("/")[0])):
            raise NoSuchProfile(name, agent_id)

    async def close(self) -> None:
        """Hang up on every provider, for all models on these connections."""
        await self._pool.close()
        await self._renewer.close()

    def _way(self, ref: ModelRef, asker: Asker) -> Way:
        chain = self.catalog.chain(ref, asker.agent_id) if asker.may_fall_back else (ref,)
        legs: list[Leg] = []
        problems: list[tuple[ModelRef, GatewayError]] = []
        for each in chain:
            try:
                legs += self.legs(each, asker)
            except GatewayError as error:
                problems.append((each, error))
        if not legs:
            raise problems[0][1]
        limit_s = limit_of(self._environ.get(RETRY_VARIABLE))
        return Way(ref, legs, unusable(problems), asker.session_id, limit_s)

    async def ask_with(self, request: Request, leg: Leg, agent_id: str | None = None) -> AsyncGenerator[Event, None]:
        """One call, with one key and nothing tried after it.

        The first one of a wire API loads it, which must not hold up the event loop.
        """
        secret = await self._renewer.secret(leg.key, leg.ref) if leg.key.profile else leg.key.secret
        row = self.catalog.row(leg.ref)
        endpoint = self.catalog.endpoint(leg.ref, Credential(secret, leg.key.source), agent_id)
        adapter = self._adapters.get(row.api)
        if adapter is None:
            adapter = self._adapters[row.api] = await asyncio.to_thread(load_adapter, row.api)
        if leg.ref.model != request.model:
            request = replace(request, model=leg.ref.model)
        if not row.reasoning and request.sampling.reasoning_effort:
            request = replace(request, sampling=replace(request.sampling, reasoning_effort=None))
        async with aclosing(adapter(endpoint, self._pool.open).stream(request)) as events:
            async for event in events:
                yield event
