"""Which model makes vectors, how each wire is asked, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from clawfleet.config.models.root import Config
from clawfleet.models.embeddings import NoEmbeddings, Target, Vectors, embed, question, target_of, vectors_in
from clawfleet.models.providers.failures import BadReply, NoKey, RateLimited, VariableUnset
from clawfleet.models.providers.http import Http
from clawfleet.models.setups import setups_of
from tests.fakes.serving import in_thread
from tests.support.fake_openai import FakeOpenAI, openai_in_process


def target(search: dict[str, Any] | None = None, wanted: str | None = None, **more: Any) -> Target:
    environ = more.pop("environ", {})
    config = Config.model_validate({"memory": {"search": search or {}}, **more})
    return target_of(config, setups_of(config, environ), wanted)


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    with openai_in_process() as running:
        yield running


async def made(found: Target, *texts: str, dimensions: int | None = None) -> Vectors:
    http = Http()
    try:
        return await embed(lambda: http, found, texts, dimensions)
    finally:
        await http.close()


@pytest.mark.parametrize(
    ("search", "provider", "model"),
    [
        (None, "openai", "text-embedding-3-small"),
        ({"provider": "gemini"}, "google", "gemini-embedding-001"),
        ({"provider": "ollama", "model": "bge"}, "ollama", "bge"),
        ({"model": "m", "remote": {"baseUrl": "http://h"}}, "openai-compatible", "m"),
    ],
)
def test_who_makes_vectors(search: dict[str, Any] | None, provider: str, model: str) -> None:
    found = target(search)
    assert (found.setup.id, found.model) == (provider, model)


def test_the_older_place_is_read_too() -> None:
    older: Any = {"agents": {"defaults": {"memorySearch": {"provider": "mistral"}}}}
    assert target(None, **older).setup.id == "mistral"
    assert target({"provider": "gemini"}, **older).setup.id == "google"


def test_another_model_of_the_same_provider_may_be_wanted() -> None:
    assert target({"provider": "gemini"}, "gemini/x/y").model == "x/y"
    for wanted in ("openai/x", "gemini/", "gemini"):
        with pytest.raises(NoEmbeddings, match="does not allow that embedding provider"):
            target({"provider": "gemini"}, wanted)


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ({"provider": "nobody"}, 'Unknown provider "nobody"'),
        ({"provider": "groq"}, "memory.search.model is not set"),
        ({"provider": "openai-compatible", "model": "m"}, "remote.baseUrl is not set"),
    ],
)
def test_what_is_missing_is_named(search: dict[str, Any], says: str) -> None:
    with pytest.raises(NoEmbeddings, match=says):
        target(search)


def test_the_key_of_one_server_is_not_shown_to_another() -> None:
    environ = {"OPENAI_API_KEY": "k-of-openai"}
    assert target(environ=environ).setup.credential.key == "k-of-openai"
    assert (
        target({"provider": "openai", "remote": {"baseUrl": "http://h"}}, environ=environ).setup.credential.key is None
    )
    own = {"provider": "openai", "remote": {"baseUrl": "http://h", "apiKey": "k-own"}}
    assert target(own, environ=environ).setup.credential.key == "k-own"


def test_each_wire_is_asked_in_its_own_way() -> None:
    google = target({"provider": "gemini", "remote": {"baseUrl": "http://h/v1beta/"}})
    assert question(google, ["a"], 2) == (
        "http://h/v1beta/models/gemini-embedding-001:batchEmbedContents",
        {
            "requests": [
                {
                    "model": "models/gemini-embedding-001",
                    "content": {"parts": [{"text": "a"}]},
                    "outputDimensionality": 2,
                }
            ]
        },
    )
    assert question(target({"provider": "ollama"}), ["a"], None) == (
        "http://127.0.0.1:11434/api/embed",
        {"model": "nomic-embed-text", "input": ["a"]},
    )


def test_answers_are_put_in_order() -> None:
    rows = [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1.5]}]
    tree = {"data": rows, "usage": {"prompt_tokens": 4}}
    assert vectors_in(tree, "openai-completions") == Vectors(((1.5,), (2.0,)), 4)
    assert vectors_in({"embeddings": [[1], [2]], "prompt_eval_count": 3}, "ollama") == Vectors(((1.0,), (2.0,)), 3)
    assert vectors_in({"embeddings": [{"values": [1]}]}, "google-generative-ai") == Vectors(((1.0,),), 0)


@pytest.mark.parametrize(
    "tree", [None, [], {}, {"data": []}, {"data": [{"embedding": "x"}]}, {"data": [{"embedding": []}]}]
)
def test_what_is_no_vector_is_none(tree: object) -> None:
    assert vectors_in(tree, "openai-completions") is None


async def test_keys_take_turns_at_rate_limits_only(fake: FakeOpenAI) -> None:
    fake.keys(k1={"like": "fail-429"}, k2={"like": "fail-429"})
    provider = {"baseUrl": fake.base_url, "models": []}
    environ = {"MINE_API_KEYS": f"k1,{fake.key}"}
    search = {"provider": "mine", "model": "m"}
    found = target(search, models={"providers": {"mine": provider}}, environ=environ)
    assert (await made(found, "a b")).rows == ((3.0, 2.0, 0.5),)
    assert len(fake.requests()) == 2
    found = target(search, models={"providers": {"mine": provider}}, environ={"MINE_API_KEYS": "k1,k2"})
    with pytest.raises(RateLimited):
        await made(found, "a")


async def test_what_cannot_be_asked_is_not() -> None:
    with pytest.raises(NoKey, match="openai"):
        await made(target(), "a")
    waits = {"provider": "mine", "model": "m"}
    mine = {"baseUrl": "http://127.0.0.1:9", "apiKey": "${K_OF_MINE}", "models": []}
    with pytest.raises(VariableUnset):
        await made(target(waits, models={"providers": {"mine": mine}}), "a")


async def test_an_answer_with_too_few_vectors_is_a_bad_reply() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"embeddings": [{"values": [1]}]})

    def app() -> web.Application:
        made_app = web.Application()
        made_app.add_routes([web.post("/{path:.*}", answer)])
        return made_app

    with in_thread(app) as url:
        found = target({"provider": "gemini", "remote": {"baseUrl": url, "apiKey": "k"}})
        assert (await made(found, "a")).rows == ((1.0,),)
        with pytest.raises(BadReply, match="did not answer 2 texts"):
            await made(found, "a", "b")
