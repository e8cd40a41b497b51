"""Servers nearby are asked for their models, if the operator opted into them; what they said last holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web

from clawfleet.config.models.root import Config
from clawfleet.models.client import Models
from clawfleet.models.local_models import is_asked, spec_of
from clawfleet.models.offers import Offer
from clawfleet.models.setups import setups_of
from tests.fakes.serving import in_thread


class Shelf:
    """A vLLM with a list that a test changes; `status` other than 200 is its answer instead."""

    def __init__(self) -> None:
        self.ids, self.status, self.asked = ["one"], 200, 0

    def app(self) -> web.Application:
        async def models(_: web.Request) -> web.Response:
            self.asked += 1
            rows = [{"id": name, "max_model_len": 4096} for name in self.ids]
            return web.json_response({"data": rows}, status=self.status)

        app = web.Application()
        app.add_routes([web.get("/v1/models", models)])
        return app


@pytest.fixture
def shelf() -> Iterator[tuple[Shelf, str]]:
    made = Shelf()
    with in_thread(made.app) as url:
        yield made, f"{url}/v1"


@pytest.fixture
async def asked() -> AsyncIterator[list[Models]]:
    made: list[Models] = []
    yield made
    for models in made:
        await models.close()


def config(base_url: str, **more: Any) -> Config:
    return Config.model_validate({"models": {"providers": {"vllm": {"baseUrl": base_url, **more}}}})


def names(models: Models) -> list[str]:
    return [str(row.ref) for row in models.catalog.rows if row.ref.provider == "vllm"]


@pytest.mark.parametrize(
    ("providers", "environ", "expected"),
    [
        ({}, {}, set()),
        ({}, {"OLLAMA_API_KEY": "any", "VLLM_API_KEY": "x", "OPENAI_API_KEY": "x"}, {"ollama", "vllm"}),
        ({"lmstudio": {}}, {}, {"lmstudio"}),
        ({"vllm": {"models": [{"id": "own"}]}}, {}, set()),
        ({"mine": {"baseUrl": "http://127.0.0.1:1/v1"}}, {}, set()),
        ({"vllm": {"baseUrl": "https://far.example/v1"}}, {}, set()),
    ],
)
def test_who_is_asked(providers: dict[str, Any], environ: dict[str, str], expected: set[str]) -> None:
    setups = setups_of(Config.model_validate({"models": {"providers": providers}}), environ)
    assert {name for name, setup in setups.items() if is_asked(setup)} == expected


async def test_what_a_server_has_is_in_the_catalog(shelf: tuple[Shelf, str], asked: list[Models]) -> None:
    _, url = shelf
    models = Models(config(url), {})
    asked.append(models)
    assert names(models) == []
    await models.ask_local()
    assert names(models) == ["vllm/one"]
    assert models.catalog.row(models.catalog.resolve("one")).context_window == 4096
    assert str(models.catalog.default()) == "vllm/one"


async def test_a_server_that_fails_keeps_its_models_and_one_without_any_loses_them(
    shelf: tuple[Shelf, str], asked: list[Models]
) -> None:
    server, url = shelf
    models = Models(config(url), {})
    asked.append(models)
    await models.ask_local()
    server.status = 500
    await models.ask_local()
    assert names(models) == ["vllm/one"]
    server.status, server.ids = 200, ["two", "three"]
    await models.ask_local()
    assert names(models) == ["vllm/two", "vllm/three"]
    server.ids = []
    await models.ask_local()
    assert names(models) == []


async def test_another_config_goes_on_with_what_was_said_at_the_same_address(
    shelf: tuple[Shelf, str], asked: list[Models]
) -> None:
    _, url = shelf
    models = Models(config(url), {})
    asked.append(models)
    await models.ask_local()
    assert names(models.renewed(config(url), {})) == ["vllm/one"]
    assert names(models.renewed(config("http://127.0.0.1:1/v1"), {})) == []
    assert names(models.renewed(config(url, models=[{"id": "own"}]), {})) == ["vllm/own"]


async def test_nobody_is_asked_who_was_not_named(shelf: tuple[Shelf, str], asked: list[Models]) -> None:
    server, url = shelf
    models = Models(config(url, models=[{"id": "own"}]), {})
    asked.append(models)
    await models.ask_local()
    assert server.asked == 0


def test_what_a_server_leaves_open_is_the_usual() -> None:
    assert (spec_of(Offer("a")).context_window, spec_of(Offer("a")).input) == (128_000, ("text",))
    assert spec_of(Offer("a", 10, 5, ("text", "image"), True, "A")).max_tokens == 5
