"""A plan is followed whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.secret_plan import BadPlan, SecretPlan, follow, read_plan, scrubbed
from clawfleet.core.errors import RequestError

TEXT = '{gateway: {mode: "local", auth: {token: "plain-token-1"}}} // mine'
TARGET = {"type": "gateway.auth.token", "path": "gateway.auth.token", "ref": {"source": "env", "id": "T"}}


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return resolve_instance(environ={"HOME": str(tmp_path), "T": "plain-token-1"}, cwd=tmp_path)


def plan(*targets: dict[str, Any], **more: Any) -> SecretPlan:
    return SecretPlan.model_validate({"version": 1, "targets": list(targets), **more})


def test_a_secret_becomes_a_reference_and_the_rest_stays(instance: Instance) -> None:
    assert follow(instance, TEXT, plan(TARGET)) == TEXT.replace('"plain-token-1"', '"${T}"')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"path": "gateway.port"}, "Invalid plan target path for gateway.auth.token: gateway.port"),
        ({"pathSegments": ["gateway", "port"]}, "pathSegments and path differ"),
        ({"ref": {"source": "env", "id": "UNSET"}}, "UNSET is not set"),
        ({"ref": {"source": "env", "id": "lower"}}, "no variable name"),
        ({"type": "auth-profiles.api_key.key", "path": "profiles.x.key"}, "changes the config only"),
    ],
)
def test_what_cannot_be_followed_is_refused(instance: Instance, change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadPlan, match=words):
        follow(instance, TEXT, plan({**TARGET, **change}))


def test_a_reference_that_the_config_does_not_take_is_refused(instance: Instance) -> None:
    unknown = {**TARGET, "ref": {"source": "exec", "provider": "nobody", "id": "x"}}
    with pytest.raises(RequestError):
        follow(instance, TEXT, plan(unknown, providerUpserts={"nobody": {"source": "nonsense"}}))


def test_a_provider_that_is_gone_already_is_no_failure(instance: Instance) -> None:
    assert follow(instance, TEXT, plan(providerDeletes=["gone"])) == TEXT


def test_older_versions_lose_the_secret_too() -> None:
    assert scrubbed(TEXT, plan(TARGET)) == TEXT.replace('"plain-token-1"', '"${T}"')
    assert scrubbed("{gateway: ", plan(TARGET)) == "{gateway: "
    assert scrubbed("{}", plan(TARGET)) == "{}"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2, "targets": []}', '{"version": 1, "targets": [{}]}'])
def test_a_file_that_is_no_plan_says_what_is_wrong(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(BadPlan, match="is not a plan"):
        read_plan(file)


def test_a_plan_is_read_as_openclaw_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    segments = {"pathSegments": ["gateway", "auth", "token"], "providerId": "x"}
    file.write_text(json.dumps({"version": 1, "protocolVersion": 1, "targets": [{**TARGET, **segments}]}))
    assert read_plan(file).targets[0].keys == ("gateway", "auth", "token")
    with pytest.raises(BadPlan):
        read_plan(tmp_path)
