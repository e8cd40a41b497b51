"""What an adapter costs: CPU of a streamed answer of 50 chunks, against reading the same bytes with aiohttp alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp

from benchmarks.processes import served
from clawfleet.core.messages import Message, ToolSpec
from clawfleet.models.adapters import load_adapter
from clawfleet.models.providers.base import Endpoint, Request
from clawfleet.models.providers.connections import Connections
from clawfleet.models.providers.http import Http
from clawfleet.models.providers.route import Route
from tests.fakes.openai.app import DEFAULT_KEY as KEY

ROUNDS, CALLS, WARM_UP = 10, 30, 20
WORDS = 48  # the fake adds two of its own and sends one chunk a word
FAKES = {
    "openai-completions": ("tests.fakes.openai", "/v1/models", "/v1"),
    "openai-responses": ("tests.fakes.responses", "/v1/responses", "/v1"),
    "anthropic-messages": ("tests.fakes.anthropic", "/v1/messages", ""),
    "ollama": ("tests.fakes.ollama", "/api/tags", ""),
    "google-generative-ai": ("tests.fakes.google", "/v1beta/models", "/v1beta"),
}
SCHEMA: dict[str, object] = {"type": "object", "properties": {"command": {"type": "string"}}}
REQUEST = Request(
    "fake-1",
    (Message("system", "You are helpful. " * 400), Message("user", "word " * WORDS)),
    tuple(ToolSpec(f"tool{number}", "Does a thing", SCHEMA) for number in range(10)),
)


class _Tapped(Connections):
    """Connections that tell what goes over them."""

    def __init__(self, trace: aiohttp.TraceConfig) -> None:
        super().__init__()
        self._trace = trace

    async def on(self, route: Route) -> aiohttp.ClientSession:
        session = await super().on(route)
        if not session.trace_configs:
            session.trace_configs.append(self._trace)
        return session


class _Wiretap(Http):
    """Notes the last request, so that it can be sent again without an adapter."""

    sent: tuple[str, bytes, dict[str, str]]

    def __init__(self) -> None:
        super().__init__()
        self._connections = _Tapped(self._trace())

    def _trace(self) -> aiohttp.TraceConfig:
        trace, body = aiohttp.TraceConfig(), bytearray()

        async def on_chunk(session: object, context: object, params: aiohttp.TraceRequestChunkSentParams) -> None:
            body.extend(params.chunk)

        async def on_end(session: object, context: object, params: aiohttp.TraceRequestEndParams) -> None:
            self.sent = (str(params.url), bytes(body), dict(params.headers))

        trace.on_request_chunk_sent.append(on_chunk)
        trace.on_request_end.append(on_end)
        trace.freeze()
        return trace


async def _cpu_ms(once: Callable[[], Awaitable[None]]) -> float:
    started = time.process_time()
    for _ in range(CALLS):
        await once()
    return (time.process_time() - started) * 1000 / CALLS


async def _measure(api: str, base_url: str) -> str:
    endpoint = Endpoint("fake", base_url, api_key=KEY)
    tap, http = _Wiretap(), Http()
    async for _ in load_adapter(api)(endpoint, lambda: tap).stream(REQUEST):
        pass
    await tap.close()
    url, body, headers = tap.sent
    adapter = load_adapter(api)(endpoint, lambda: http)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def raw() -> None:
            async with session.post(url, data=body, headers=headers) as reply:
                assert reply.status == 200
                async for _ in reply.content.iter_any():
                    pass

        async def adapted() -> None:
            async for _ in adapter.stream(REQUEST):
                pass

        for _ in range(WARM_UP):
            await raw()
            await adapted()
        pairs = [(await _cpu_ms(raw), await _cpu_ms(adapted)) for _ in range(ROUNDS)]
    await http.close()
    bare, whole = (min(times) for times in zip(*pairs, strict=True))
    return (
        f"{api:24} raw {bare:6.2f} ms  adapter {whole:6.2f} ms  adds {whole - bare:5.2f} ms  ratio {whole / bare:4.1f}"
    )


def run() -> list[str]:
    """The table's lines."""
    lines = []
    for api, (module, probe_path, path) in FAKES.items():
        with served(module, probe_path) as (url, _):
            lines.append(asyncio.run(_measure(api, f"{url}{path}")))
    return lines
