"""`Models`: what the rest of the gateway sees of models. One object per config; all share what is connected."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Self

from clawfleet.config.models.root import Config
from clawfleet.core.messages import Message, ToolSpec
from clawfleet.models.adapters import MakeProvider, load_adapter
from clawfleet.models.catalog import Catalog
from clawfleet.models.providers.base import Event, Request, Sampling
from clawfleet.models.refs import ModelRef

if TYPE_CHECKING:  # loading it loads aiohttp
    from clawfleet.models.providers.base import Endpoint
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


class Models:
    """Asks models. Knows the catalog, loads the adapter of a wire API at its first use, shares one HTTP pool."""

    def __init__(self, config: Config, environ: Mapping[str, str]) -> None:
        self.catalog = Catalog.of(config, environ)
        self._adapters: dict[str, MakeProvider] = {}
        self._pool = _Pool()

    def renewed(self, config: Config, environ: Mapping[str, str]) -> Self:
        """The models of another config, on the same connections; whoever still has these goes on with these."""
        other = copy.copy(self)
        other.catalog = Catalog.of(config, environ)
        return other

    def stream(
        self,
        ref: ModelRef,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        sampling: Sampling | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The answer of `ref` as it arrives; close the generator to hang up.

        Raises at once `UnknownModel`, `NoKey` or `VariableUnset`; while streaming, a leaf of `CallFailed`. Nothing is
        retried here.
        """
        endpoint = self.catalog.endpoint(ref)
        api = self.catalog.row(ref).api
        request = Request(ref.model, tuple(messages), tuple(tools), sampling or Sampling())
        if adapter := self._adapters.get(api):
            return adapter(endpoint, self._pool.open).stream(request)
        return self._load_and_stream(api, endpoint, request)

    async def close(self) -> None:
        """Hang up on every provider, for all models on these connections."""
        await self._pool.close()

    async def _load_and_stream(self, api: str, endpoint: Endpoint, request: Request) -> AsyncGenerator[Event, None]:
        """The first call of a wire API: its imports take a while and must not hold up the event loop."""
        self._adapters[api] = await asyncio.to_thread(load_adapter, api)
        async with aclosing(self._adapters[api](endpoint, self._pool.open).stream(request)) as events:
            async for event in events:
                yield event
