"""`/v1/models`: the agents, as models of the OpenAI API."""

from pathlib import Path

import pytest

from tests.unit.server.served import Served, serve

TWO = {
    "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
    "agents": {"entries": {"ops": {}, "home": {"default": True}}},
}


async def test_the_default_agent_comes_first_under_all_its_names(tmp_path: Path) -> None:
    async with serve(tmp_path, TWO) as served, served.http() as http:
        listed = (await http.get("/v1/models")).json()
    assert listed["object"] == "list"
    assert [row["id"] for row in listed["data"]] == ["openclaw", "openclaw/default", "openclaw/home", "openclaw/ops"]
    assert listed["data"][0] == {
        "id": "openclaw",
        "object": "model",
        "created": 0,
        "owned_by": "openclaw",
        "permission": [],
    }


@pytest.mark.parametrize(
    "name",
    ["openclaw", "openclaw/default", "openclaw%2Fdefault", "openclaw/main", "OpenClaw/Main", "openclaw:main",
     "agent:main"],
)  # fmt: skip
async def test_one_model_is_found_under_every_name_that_chat_takes(served: Served, name: str) -> None:
    async with served.http() as http:
        reply = await http.get(f"/v1/models/{name}")
    assert reply.status_code == 200, reply.text
    assert reply.json()["id"] == name.replace("%2F", "/")


async def test_an_unknown_agent_is_not_found_and_a_strange_name_is_wrong(served: Served) -> None:
    async with served.http() as http:
        unknown = await http.get("/v1/models/openclaw%2Fzzz")
        strange = await http.get("/v1/models/gpt-4o")
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, "Model 'openclaw/zzz' not found.")
    assert (strange.status_code, strange.json()["error"]["message"]) == (400, "Invalid model id.")
    assert strange.json()["error"]["type"] == "invalid_request_error"


async def test_one_trailing_slash_is_forgiven(served: Served) -> None:
    async with served.http() as http:
        assert (await http.get("/v1/models/")).json()["object"] == "list"


async def test_endpoints_that_are_off_say_how_to_switch_them_on(tmp_path: Path) -> None:
    async with serve(tmp_path, {"gateway": {"mode": "local"}}) as served, served.http(token=None) as http:
        replies = [
            await http.get("/v1/models"),
            await http.get("/v1/models/openclaw"),
            await http.post("/v1/chat/completions", json={}),
        ]
    for reply in replies:
        assert (reply.status_code, reply.json()["error"]["code"]) == (404, "endpoint_disabled")
        assert "gateway.http.endpoints.chatCompletions.enabled=true" in reply.json()["error"]["message"]


async def test_only_get_is_answered(served: Served) -> None:
    async with served.http() as http:
        for method in ("HEAD", "POST", "OPTIONS"):
            reply = await http.request(method, "/v1/models")
            assert (reply.status_code, reply.headers["allow"]) == (405, "GET"), method
