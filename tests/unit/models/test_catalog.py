"""The catalog lists what can be used, finds what people mean, and says why something cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.models.root import Config
from clawfleet.models.adapters import ADAPTERS
from clawfleet.models.catalog import Catalog, ModelNotAllowed, UnknownModel
from clawfleet.models.providers.failures import NoKey, VariableUnset
from clawfleet.models.refs import ModelRef

LAN: dict[str, Any] = {
    "baseUrl": "http://127.0.0.1:8317/v1",
    "apiKey": "k3y",
    "models": [{"id": "claude-opus-4-6", "input": ["text", "image"], "maxTokens": 99}, {"id": "both"}],
}
OTHER: dict[str, Any] = {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "both"}]}
CLOUD: dict[str, Any] = {"baseUrl": "https://u:p@llm.example.com/v1", "models": [{"id": "m"}]}


def catalog_of(
    providers: dict[str, Any] | None = None, agents: dict[str, Any] | None = None, **environ: str
) -> Catalog:
    config = Config.model_validate({"models": {"providers": providers or {}}, "agents": agents or {}})
    return Catalog.of(config, environ)


class TestDefault:
    """Which model answers."""

    def test_the_demo_answers_when_nothing_is_set_up(self) -> None:
        catalog = catalog_of()
        assert catalog.default() == ModelRef("demo", "echo")
        assert [str(row.ref) for row in catalog.rows] == ["demo/echo"]

    def test_a_known_key_beats_the_demo(self) -> None:
        assert catalog_of(OPENAI_API_KEY="k").default() == ModelRef("openai", "gpt-6-astra")
        assert catalog_of(GROQ_API_KEY="k").default().provider == "groq"

    def test_the_order_of_known_providers_settles_between_keys(self) -> None:
        assert catalog_of(GROQ_API_KEY="k", OPENAI_API_KEY="k").default().provider == "openai"

    def test_a_configured_provider_beats_a_known_key(self) -> None:
        assert str(catalog_of({"lan": LAN}, OPENAI_API_KEY="k").default()) == "lan/claude-opus-4-6"

    def test_the_first_usable_of_the_configured_ones_is_taken(self) -> None:
        assert catalog_of({"cloud": CLOUD, "lan": LAN}).default().provider == "lan"

    def test_a_configured_provider_without_its_key_is_asked_for_the_key(self) -> None:
        catalog = catalog_of({"cloud": CLOUD}, OPENAI_API_KEY="k")
        assert str(catalog.default()) == "cloud/m"
        with pytest.raises(NoKey, match="No API key found for provider"):
            catalog.endpoint(catalog.default())

    def test_a_configured_provider_that_waits_for_a_variable_asks_for_it(self) -> None:
        catalog = catalog_of({"local": {**LAN, "apiKey": "${LOCAL_KEY}"}}, OPENAI_API_KEY="k")
        assert str(catalog.default()) == "local/claude-opus-4-6"
        reason = "models.providers.local.apiKey needs LOCAL_KEY; not set in process env, <stateDir>/.env or env.vars"
        assert catalog.problem(catalog.default()) == catalog.rows[0].reason == reason
        assert not catalog.rows[0].available
        with pytest.raises(VariableUnset) as caught:
            catalog.endpoint(catalog.default())
        assert caught.value.message == reason
        assert "LOCAL_KEY=" in str(caught.value.hint)
        assert "${" not in repr(caught.value.details)

    def test_a_known_provider_with_only_a_key_is_chosen(self) -> None:
        catalog = catalog_of({"groq": {"apiKey": "k"}}, OPENAI_API_KEY="k")
        assert str(catalog.default()) == "groq/llama-3.3-70b-versatile"
        assert catalog.endpoint(catalog.default()).base_url == "https://api.groq.com/openai/v1"

    def test_a_provider_without_a_list_of_models_is_no_default(self) -> None:
        assert str(catalog_of({"lan": {**LAN, "models": []}}).default()) == "demo/echo"

    def test_what_keeps_the_default_from_answering_is_known_at_the_start(self) -> None:
        assert catalog_of().problem(ModelRef("demo", "echo")) is None
        without_key = catalog_of({"cloud": CLOUD})
        assert "key" in str(without_key.problem(without_key.default()))
        assert catalog_of().problem(ModelRef("nope", "x")) == 'Unknown provider "nope" in model "nope/x"'

    def test_the_configured_choice_beats_all(self) -> None:
        agents = {"defaults": {"model": "lan/both"}}
        assert str(catalog_of({"lan": LAN}, agents, OPENAI_API_KEY="k").default()) == "lan/both"

    def test_an_agent_has_its_own_choice(self) -> None:
        agents = {
            "defaults": {"model": {"primary": "lan/both"}},
            "entries": {"coder": {"model": "lan/claude-opus-4-6"}, "poet": {"model": {"fallbacks": ["lan/both"]}}},
        }
        catalog = catalog_of({"lan": LAN}, agents)
        assert str(catalog.default("coder")) == "lan/claude-opus-4-6"
        assert str(catalog.default("poet")) == "lan/both"
        assert str(catalog.default("nobody")) == "lan/both"

    def test_a_choice_may_be_an_alias(self) -> None:
        agents = {"defaults": {"model": "my opus", "models": {"lan/claude-opus-4-6": {"alias": "My Opus"}}}}
        assert str(catalog_of({"lan": LAN}, agents).default()) == "lan/claude-opus-4-6"

    @pytest.mark.parametrize("wanted", ["nobody/knows", "nobody"])
    def test_a_choice_that_leads_nowhere_is_told_when_used(self, wanted: str) -> None:
        catalog = catalog_of({"lan": LAN}, {"defaults": {"model": wanted}})
        assert str(catalog.default()) == wanted
        with pytest.raises(UnknownModel):
            catalog.endpoint(catalog.default())


class TestResolve:
    """What a name means."""

    def test_a_ref_is_itself(self) -> None:
        catalog = catalog_of({"lan": LAN})
        assert str(catalog.resolve(" LAN/both ")) == "lan/both"
        assert str(catalog.resolve("lan/both", "main")) == "lan/both"

    def test_an_alias_is_caseless_and_comes_first(self) -> None:
        agents = {
            "defaults": {"models": {"lan/claude-opus-4-6": {"alias": "Opus-Local"}, "lan/both": {"alias": "gpt"}}}
        }
        catalog = catalog_of({"lan": LAN}, agents, OPENAI_API_KEY="k")
        assert str(catalog.resolve("opus-LOCAL")) == "lan/claude-opus-4-6"
        assert str(catalog.resolve("gpt")) == "lan/both"

    def test_a_bare_id_of_one_provider_is_found(self) -> None:
        assert str(catalog_of({"lan": LAN, "other": OTHER}).resolve("claude-opus-4-6")) == "lan/claude-opus-4-6"

    def test_a_bare_id_of_two_providers_is_a_question(self) -> None:
        with pytest.raises(UnknownModel, match="several providers") as caught:
            catalog_of({"lan": LAN, "other": OTHER}).resolve("both")
        assert caught.value.hint == "say which: lan/both or other/both"

    def test_a_known_shorthand_comes_last(self) -> None:
        assert str(catalog_of().resolve("GPT")) == "openai/gpt-5.4"

    def test_a_preset_takes_ids_that_are_not_listed(self) -> None:
        catalog = catalog_of(OPENROUTER_API_KEY="k")
        assert str(catalog.resolve("openrouter/moonshotai/kimi-k2")) == "openrouter/moonshotai/kimi-k2"

    def test_an_unknown_model_of_a_listed_provider_gets_near_matches(self) -> None:
        with pytest.raises(UnknownModel, match='Unknown model "lan/claude-opus-4-7"') as caught:
            catalog_of({"lan": LAN}).resolve("lan/claude-opus-4-7")
        assert caught.value.hint is not None
        assert "did you mean lan/claude-opus-4-6" in caught.value.hint
        assert "models.providers.lan.models" in caught.value.hint
        assert (caught.value.code, caught.value.wire_code) == ("UNKNOWN_MODEL", "INVALID_REQUEST")

    def test_an_unknown_provider_gets_near_matches(self) -> None:
        with pytest.raises(UnknownModel, match='Unknown provider "opnai"') as caught:
            catalog_of().resolve("opnai/gpt")
        assert caught.value.hint is not None
        assert "did you mean openai" in caught.value.hint

    def test_a_name_unlike_all_gets_the_list(self) -> None:
        with pytest.raises(UnknownModel) as caught:
            catalog_of().resolve("zzzzzz")
        assert caught.value.hint is not None
        assert "demo/echo" in caught.value.hint


class TestEndpoint:
    """Where a model is reached."""

    def test_it_carries_all_that_a_call_needs(self) -> None:
        written = {**LAN, "headers": {"X-Team": "blue"}, "timeoutSeconds": 7}
        endpoint = catalog_of({"lan": written}, LAN_API_KEY="unused").endpoint(ModelRef("lan", "claude-opus-4-6"))
        assert (endpoint.provider, endpoint.base_url) == ("lan", "http://127.0.0.1:8317/v1")
        assert (endpoint.api_key, endpoint.key_source) == ("k3y", "models.providers.lan.apiKey")
        assert endpoint.headers == {"x-team": "blue"}
        assert (endpoint.connect_s, endpoint.idle_s) == (7, 7)
        assert (endpoint.max_tokens, endpoint.images, endpoint.reasoning) == (99, True, False)
        assert "k3y" not in repr(endpoint)

    def test_compat_of_the_row_wins_over_the_presets(self) -> None:
        row = {"id": "gpt-5.2", "compat": {"supportsReasoningEffort": True}}
        written = {"baseUrl": "https://api.openai.com/v1", "apiKey": "k", "models": [row]}
        catalog = catalog_of({"openai": written})
        assert catalog.endpoint(ModelRef("openai", "gpt-5.2")).compat == {"supportsReasoningEffort": True}
        assert catalog.endpoint(ModelRef("openai", "gpt-5.4")).compat == {}

    def test_a_row_may_speak_another_wire_elsewhere(self) -> None:
        rows = [{"id": "a"}, {"id": "b", "api": "anthropic-messages", "baseUrl": "http://127.0.0.1:2"}]
        catalog = catalog_of({"lan": {**LAN, "models": rows}})
        a, b = ModelRef("lan", "a"), ModelRef("lan", "b")
        assert (catalog.row(a).api, catalog.row(b).api) == ("openai-completions", "anthropic-messages")
        assert [catalog.endpoint(ref).base_url for ref in (a, b)] == [LAN["baseUrl"], "http://127.0.0.1:2"]

    def test_a_known_provider_without_a_key_names_the_variable(self) -> None:
        with pytest.raises(NoKey) as caught:
            catalog_of().endpoint(ModelRef("openai", "gpt-5.2"))
        assert caught.value.hint is not None
        assert "OPENAI_API_KEY" in caught.value.hint

    def test_no_failure_shows_what_the_url_holds(self) -> None:
        with pytest.raises(NoKey) as caught:
            catalog_of({"cloud": CLOUD}).endpoint(ModelRef("cloud", "m"))
        assert "u:p" not in f"{caught.value.message}{caught.value.hint}{caught.value.site}"

    def test_a_wire_that_is_not_spoken_is_said_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(ADAPTERS, "anthropic-messages")
        catalog = catalog_of({"lan": {**LAN, "api": "anthropic-messages"}})
        with pytest.raises(UnknownModel, match="api anthropic-messages is not supported yet"):
            catalog.endpoint(ModelRef("lan", "both"))

    def test_the_demo_needs_nothing(self) -> None:
        assert catalog_of().endpoint(ModelRef("demo", "echo")).api_key is None


class TestRows:
    """What is listed."""

    def test_known_providers_are_listed_with_a_key_only(self) -> None:
        providers = {row.ref.provider for row in catalog_of(MISTRAL_API_KEY="k").rows}
        assert providers == {"mistral", "demo"}

    def test_configured_ones_are_listed_with_the_reason_why_not(self) -> None:
        row = catalog_of({"cloud": CLOUD}).row(ModelRef("cloud", "m"))
        assert not row.available
        assert row.reason == "no key: set CLOUD_API_KEY or models.providers.cloud.apiKey"
        assert (row.name, row.api, row.context_window) == ("m", "openai-completions", 128_000)

    def test_a_ref_can_be_looked_up_without_a_fuss(self) -> None:
        catalog = catalog_of({"lan": LAN})
        assert catalog.find(ModelRef("lan", "none")) is None
        assert catalog.find(ModelRef("none", "both")) is None
        assert catalog.find(ModelRef("", "both")) is None
        found = catalog.find(ModelRef("lan", "both"))
        assert found is not None
        assert found.available


AGENTS = {
    "defaults": {
        "model": {"primary": "mine", "fallbacks": ["lan/two", "nope/x"]},
        "imageModel": {"primary": "blind/m", "fallbacks": ["lan/sees"]},
        "models": {"lan/one": {"alias": "Mine"}},
    },
    "entries": {"strict": {"model": "lan/two"}},
}
PROVIDERS = {
    "lan": {
        "baseUrl": "http://127.0.0.1:9/v1",
        "models": [{"id": "one"}, {"id": "two"}, {"id": "sees", "input": ["text", "image"]}],
    },
    "blind": {"baseUrl": "http://127.0.0.1:9/v1", "models": [{"id": "m"}]},
}


class TestWhatAnAgentMayAndWhatComesAfter:
    """Fallbacks, pictures, permission, tags."""

    def test_the_chain_of_a_model(self) -> None:
        catalog = catalog_of(PROVIDERS, AGENTS)
        default = catalog.default()
        assert list(map(str, catalog.chain(default))) == ["lan/one", "lan/two", "nope/x"]
        assert list(map(str, catalog.chain(ModelRef("lan", "two")))) == ["lan/two", "nope/x", "lan/one"]
        assert list(map(str, catalog.chain(catalog.default("strict"), "strict"))) == ["lan/two"]

    def test_pictures_go_to_the_first_model_that_sees_them(self) -> None:
        assert str(catalog_of(PROVIDERS, AGENTS).image_model()) == "lan/sees"
        assert catalog_of(PROVIDERS).image_model() is None

    def test_what_is_not_allowed_is_refused_in_the_documented_words(self) -> None:
        catalog = catalog_of(PROVIDERS, AGENTS, OPENAI_API_KEY="k")
        assert catalog.choose("mine@lan:work", "main") == "lan/one@lan:work"
        assert str(catalog.resolve("openai/gpt-5.4")) == "openai/gpt-5.4"
        with pytest.raises(ModelNotAllowed) as caught:
            catalog.resolve("openai/gpt-5.4", "main")
        assert caught.value.message == "Model 'openai/gpt-5.4' is not allowed for agent 'main'."

    def test_tags_say_what_a_model_is_to_the_agent(self) -> None:
        tags = {str(ref): words for ref, words in catalog_of(PROVIDERS, AGENTS).tags().items()}
        assert tags["lan/one"] == ["default", "alias:mine"]
        assert tags["lan/two"] == ["fallback#1"] and tags["blind/m"] == ["image"]
