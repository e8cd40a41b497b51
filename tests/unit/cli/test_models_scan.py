"""`openclaw models scan`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.fakes import bedrock
from tests.fakes.ollama.app import make_app
from tests.fakes.serving import in_thread
from tests.unit.cli.conftest import Home, OpenClaw
from tests.unit.models.test_discovery import KEY, Server


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    made = Server()
    provider = {"baseUrl": made.url, "apiKey": KEY, "models": [{"id": "a"}]}
    home.write_config(json.dumps({"models": {"providers": {"mine": provider}}}))
    yield made
    made.close()


def test_new_models_are_shown_and_nothing_is_written(home: Home, openclaw: OpenClaw, server: Server) -> None:
    before = home.config_path.read_text()
    result = openclaw("models", "scan", "--provider", "mine")
    assert result.stdout == (
        f"Provider mine at {server.url}: 2 models, 1 new\n"
        "Model  Input  Ctx  State\n"
        "b      text   4k   new\n"
        "a      text   -    configured\n"
        "Add them: openclaw models scan --provider mine --yes\n"
    )
    assert home.config_path.read_text() == before


def test_with_yes_they_are_added_and_chosen(home: Home, openclaw: OpenClaw, server: Server) -> None:
    result = openclaw("models", "scan", "--yes", "--set-default", "--no-probe")
    assert "Default model: mine/b" in result.stdout
    tree = json.loads(home.config_path.read_text())
    assert tree["models"]["providers"]["mine"]["models"] == [
        {"id": "a"},
        {"id": "b", "name": "b", "contextWindow": 4096},
    ]
    assert tree["agents"]["defaults"]["model"] == {"primary": "mine/b"}
    again = json.loads(openclaw("models", "scan", "--json", "--yes").stdout)
    assert (again["added"], again["missing"], again["changed"]) == ([], [], False)
    assert [row["state"] for row in again["models"]] == ["configured", "configured"]


def test_a_missing_key_is_said_as_such(home: Home, openclaw: OpenClaw) -> None:
    result = openclaw("models", "scan", "--provider", "openrouter", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["message"] == 'Missing API key for provider "openrouter".'


def test_a_refused_key_is_not_printed(openclaw: OpenClaw, server: Server) -> None:
    server.status = 401
    result = openclaw("models", "scan", "--provider", "mine")
    assert result.exit_code == 1
    assert 'Provider "mine" rejected the key (HTTP 401' in result.stderr
    assert KEY not in result.output


def test_which_provider_must_be_clear(openclaw: OpenClaw) -> None:
    assert "Which provider is meant?" in openclaw("models", "scan").stderr


def test_one_model_is_added_by_its_name_and_allowed(home: Home, openclaw: OpenClaw, server: Server) -> None:
    tree = json.loads(home.config_path.read_text())
    tree["agents"] = {"defaults": {"models": {"mine/a": {}}, "modelPolicy": {"allow": ["mine/a"]}}}
    home.write_config(json.dumps(tree))
    assert openclaw("models", "scan", "--provider", "mine", "--model", "b").exit_code == 0
    defaults = json.loads(home.config_path.read_text())["agents"]["defaults"]
    assert (defaults["models"], defaults["modelPolicy"]["allow"]) == (
        {"mine/a": {}, "mine/b": {}},
        ["mine/a", "mine/b"],
    )
    result = openclaw("models", "scan", "--provider", "mine", "--model", "zzz")
    assert result.exit_code == 1 and "offered: a, b" in result.stderr


def test_what_is_gone_upstream_is_told_and_taken_out_only_when_wanted(
    home: Home, openclaw: OpenClaw, server: Server
) -> None:
    server.body = json.dumps({"data": [{"id": "b"}]})
    assert "a      -      -    missing upstream" in openclaw("models", "scan", "--provider", "mine", "--yes").stdout
    rows = json.loads(home.config_path.read_text())["models"]["providers"]["mine"]["models"]
    assert [row["id"] for row in rows] == ["a", "b"]
    openclaw("models", "scan", "--provider", "mine", "--prune")
    rows = json.loads(home.config_path.read_text())["models"]["providers"]["mine"]["models"]
    assert [row["id"] for row in rows] == ["b"]


def test_servers_on_this_machine_are_found(home: Home, openclaw: OpenClaw, server: Server) -> None:
    with in_thread(lambda: make_app("")) as url:
        nobody = {"baseUrl": "http://127.0.0.1:9/v1"}
        providers = {"ollama": {"baseUrl": url}, "vllm": {"baseUrl": server.url}}
        providers |= dict.fromkeys(("lmstudio", "sglang", "litellm"), nobody)
        home.write_config(json.dumps({"models": {"providers": providers}}))
        result = openclaw("models", "scan", "--local", "--yes", "--set-default", "--set-image")
    assert f"Provider ollama at {url}: 3 models, 3 new" in result.stdout
    assert f"Provider vllm at {server.url}: 2 models, 2 new" in result.stdout
    assert "- lmstudio: Cannot reach http://127.0.0.1:9: connection refused" in result.stderr
    tree = json.loads(home.config_path.read_text())
    assert tree["agents"]["defaults"] == {
        "model": {"primary": "ollama/fake-1"},
        "imageModel": {"primary": "ollama/fake-see"},
    }
    assert tree["models"]["providers"]["ollama"]["models"][1] == {
        "id": "fake-think", "name": "fake-think", "contextWindow": 65536, "reasoning": True,
    }  # fmt: skip


def test_nobody_at_home_is_an_error(home: Home, openclaw: OpenClaw) -> None:
    nobody = {"baseUrl": "http://127.0.0.1:9/v1"}
    providers = dict.fromkeys(("ollama", "lmstudio", "vllm", "sglang", "litellm"), nobody)
    home.write_config(json.dumps({"models": {"providers": providers}}))
    result = openclaw("models", "scan", "--local")
    assert result.exit_code == 1 and "No local server answered" in result.stderr


def test_all_providers_can_be_asked(home: Home, openclaw: OpenClaw, server: Server) -> None:
    found = json.loads(openclaw("models", "scan", "--all", "--json").stdout)
    assert found["provider"] == "mine"


def test_a_list_without_models_is_an_error(openclaw: OpenClaw, server: Server) -> None:
    server.body = '{"data": []}'
    assert openclaw("models", "scan", "--provider", "mine").exit_code == 1


def test_bedrock_is_listed_and_not_added(home: Home, openclaw: OpenClaw) -> None:
    home.write_config("{}")
    with in_thread(bedrock.make_app) as url:
        aws = {"AWS_ACCESS_KEY_ID": bedrock.KEY_ID, "AWS_SECRET_ACCESS_KEY": bedrock.SECRET}
        aws |= {"AWS_REGION": bedrock.REGION, "AWS_ENDPOINT_URL_BEDROCK": url}
        shown = openclaw("models", "scan", "--provider", "amazon-bedrock", **aws)
        added = openclaw("models", "scan", "--provider", "amazon-bedrock", "--yes", **aws)
    assert "eu.anthropic.claude-x-v1:0  text+image  -    new" in shown.stdout
    assert added.exit_code == 1 and "Chats do not go through amazon-bedrock" in added.stderr
