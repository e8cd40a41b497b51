from __future__ import annotations

import json

from clawfleet.cli.context import CliContext
from clawfleet.cli.models_auth_store import in_store
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.store import AuthStore
from clawfleet.secrets.refs import SecretRef
from tests.unit.cli.checks.conftest import Look, local
from tests.unit.cli.conftest import Home, OpenClaw

PROVIDER = {"baseUrl": "https://models.example.org/v1", "models": [{"id": "m"}]}


def test_a_provider_without_its_key_and_the_agent_that_needs_it(home: Home, look: Look) -> None:
    config = local() | {"models": {"providers": {"far": PROVIDER}}, "agents": {"defaults": {"model": "far/m"}}}
    home.write_config(json.dumps(config))
    assert look("models/credentials")["models.provider_unusable"].fix == "openclaw secrets set FAR_API_KEY"
    assert look("models/defaults")["models.default_unusable"].severity == "error"
    assert look("models/credentials", {"FAR_API_KEY": "k-123456"}) == {}
    assert look("models/defaults") == {}


def test_a_key_that_waits_for_a_variable_names_it(home: Home, look: Look) -> None:
    config = local() | {"models": {"providers": {"far": PROVIDER | {"apiKey": "${FAR}"}}}}
    home.write_config(json.dumps(config))
    assert look("models/credentials")["models.provider_unusable"].fix == "openclaw secrets set FAR"


def test_an_agent_with_a_model_of_its_own_is_looked_at_too(home: Home, look: Look) -> None:
    config = local() | {"agents": {"entries": {"coder": {"model": "nope/x"}}}}
    home.write_config(json.dumps(config))
    found = look("models/defaults")
    assert found["models.default_unusable"].path == "agents.entries.coder.model"
    assert found["models.only_demo"].severity == "info"


def test_a_stored_credential_that_cannot_be_used_is_told(home: Home, look: Look, openclaw: OpenClaw) -> None:
    home.write_config(json.dumps(local()))
    paste = ("models", "auth", "paste-token", "--provider", "groq", "--profile-id", "groq:old", "--expires-in", "1m")
    assert openclaw(*paste, stdin="token-of-old\n").exit_code == 0
    assert "models.profile_unusable" not in look("models/credentials")

    async def put(store: AuthStore) -> None:
        ref = SecretRef("exec", "vault", "groq")
        await store.put(AuthProfile("groq:ref", "groq", "api_key", ref=ref, owner="main"))

    in_store(CliContext(environ=home.environ, cwd=home.root), put)
    found = look("models/credentials")["models.profile_unusable"]
    assert found.message == (
        "auth profile groq:ref of agent main: what it names cannot be had "
        "(exec:vault:groq: secrets.providers.vault is not configured)"
    )
