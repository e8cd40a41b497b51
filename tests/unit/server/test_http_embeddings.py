"""`/v1/embeddings`: texts as vectors, by the configured provider, and clear words where there is none."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_openai import FakeOpenAI, openai_in_process
from tests.unit.server.served import serve

ON = {"gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}}}
PATH = "/v1/embeddings"


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    with openai_in_process() as running:
        yield running


def config(fake: FakeOpenAI, **search: Any) -> dict[str, Any]:
    remote = {"baseUrl": fake.base_url, "apiKey": fake.key}
    return {**ON, "memory": {"search": {"provider": "openai", "model": "embed-1", "remote": remote, **search}}}


async def test_texts_become_vectors_in_their_order(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with serve(tmp_path, config(fake)) as served, served.http() as http:
        asked = {"model": "openclaw/main", "input": ["a", "b c"], "dimensions": 2}
        found = (await http.post(PATH, json=asked)).json()
    assert found == {
        "object": "list",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [1.0, 1.0]},
            {"object": "embedding", "index": 1, "embedding": [3.0, 2.0]},
        ],
        "model": "openclaw/main",
        "usage": {"prompt_tokens": 2, "total_tokens": 2},
    }
    sent = fake.requests()[0]["body"]
    assert (sent["model"], sent["input"], sent["dimensions"]) == ("embed-1", ["a", "b c"], 2)


async def test_vectors_can_be_packed_as_little_endian_floats(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with serve(tmp_path, config(fake)) as served, served.http() as http:
        reply = await http.post(PATH, json={"model": "openclaw", "input": "a b", "encoding_format": "base64"})
    row = reply.json()["data"][0]["embedding"]
    assert struct.unpack("<3f", base64.b64decode(row)) == (3.0, 2.0, 0.5)


async def test_another_model_of_the_same_provider_can_be_asked(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with serve(tmp_path, config(fake)) as served, served.http() as http:
        asked = {"model": "openclaw", "input": "a"}
        assert (await http.post(PATH, json=asked, headers={"x-openclaw-model": "openai/big"})).status_code == 200
        other = await http.post(PATH, json=asked, headers={"x-openclaw-model": "mistral/m"})
    assert fake.requests()[0]["body"]["model"] == "big"
    assert (other.status_code, len(fake.requests())) == (400, 1)
    assert "does not allow that embedding provider" in other.json()["error"]["message"]


async def test_without_a_key_the_answer_names_it(tmp_path: Path) -> None:
    async with serve(tmp_path, ON) as served, served.http() as http:
        reply = await http.post(PATH, json={"model": "openclaw", "input": "a"})
    assert reply.status_code == 503
    assert "OPENAI_API_KEY" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "must be a JSON object"),
        ({"input": "a"}, "Missing `model`."),
        ({"model": "gpt-4o", "input": "a"}, "Invalid `model`."),
        ({"model": "openclaw/zzz", "input": "a"}, "Unknown agent"),
        ({"model": "openclaw"}, "must be a string or an array of strings."),
        ({"model": "openclaw", "input": ["a", 3]}, "must be a string or an array of strings."),
        ({"model": "openclaw", "input": [[1, 2]]}, "check_embedding_ctx_length=False"),
        ({"model": "openclaw", "input": [" ", ""]}, "at least one non-empty string."),
        ({"model": "openclaw", "input": ["a"] * 129}, "at most 128 strings"),
        ({"model": "openclaw", "input": "a" * 8193}, "at most 8192 characters"),
        ({"model": "openclaw", "input": "a", "dimensions": 0}, "positive integer"),
    ],
)
async def test_what_is_wrong_is_said(tmp_path: Path, fake: FakeOpenAI, body: Any, says: str) -> None:
    async with serve(tmp_path, config(fake)) as served, served.http() as http:
        reply = await http.post(PATH, json=body)
    assert (reply.status_code, fake.requests()) == (400, [])
    assert says in reply.json()["error"]["message"]


async def test_the_door_is_the_same_as_for_chats(tmp_path: Path, fake: FakeOpenAI) -> None:
    async with serve(tmp_path, config(fake)) as served, served.http(token=None) as http:
        assert (await http.post(PATH, json={"model": "openclaw", "input": "a"})).status_code == 401
    async with serve(tmp_path / "off", {"gateway": {"mode": "local"}}) as served, served.http() as http:
        assert (await http.post(PATH, json={})).status_code == 404
