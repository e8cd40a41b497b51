"""SecretRefs of a config: resolved once, told when they cannot be, and never half a secret."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from clawfleet.access.gateway_auth import NoSecret, resolve_auth
from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import Snapshot, check_text
from clawfleet.config.read import ConfigInvalid
from clawfleet.config.secret_refs import resolve_refs, secrets_in
from clawfleet.config.substitute import unresolved


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    (tmp_path / ".openclaw").mkdir()
    file = tmp_path / ".openclaw" / "vault.json"
    file.write_text(json.dumps({"telegram": "1:bot", "deep": {"key": "from-file"}}), encoding="utf-8")
    file.chmod(0o600)
    tool = tmp_path / "tool"
    tool.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "ids = json.load(sys.stdin)['ids']\n"
        "print(json.dumps({'protocolVersion': 1, 'values': {i: 'exec-' + i for i in ids if i != 'none'}}))\n",
        encoding="utf-8",
    )
    tool.chmod(0o700)
    return resolve_instance(environ={"HOME": str(tmp_path), "A_KEY": "from-env"}, cwd=tmp_path)


def check(instance: Instance, config: dict[str, Any], **over: Any) -> Snapshot:
    providers = {
        "vault": {"source": "file", "path": "vault.json"},
        "tool": {"source": "exec", "command": str(instance.home / "tool")},
        "few": {"source": "env", "allowlist": ["OTHER"]},
    }
    section = {"providers": providers, "defaults": {"file": "vault"}}
    return check_text(instance, json.dumps({"secrets": section, **config}), **over)


def provider(key: object) -> dict[str, Any]:
    return {"models": {"providers": {"x": {"baseUrl": "http://h", "models": [{"id": "m"}], "apiKey": key}}}}


def key_of(snapshot: Snapshot) -> str:
    key = snapshot.config.models.providers["x"].api_key
    assert key is not None
    return key.get_secret_value()


@pytest.mark.parametrize(
    ("ref", "value"),
    [
        ("$A_KEY", "from-env"),
        ("${A_KEY}", "from-env"),
        ({"source": "env", "provider": "default", "id": "A_KEY"}, "from-env"),
        ({"source": "file", "provider": "vault", "id": "/deep/key"}, "from-file"),
        ({"source": "file", "id": "/deep/key"}, "from-file"),
        ({"source": "exec", "provider": "tool", "id": "a/b"}, "exec-a/b"),
    ],
)
def test_a_ref_is_its_secret(instance: Instance, ref: object, value: str) -> None:
    snapshot = check(instance, provider(ref))
    assert key_of(snapshot) == value
    assert snapshot.warnings == ()
    assert value not in json.dumps(snapshot.source)


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("$NOT_SET", "secret env:default:NOT_SET is unavailable: NOT_SET is not set"),
        ({"source": "env", "provider": "few", "id": "A_KEY"}, "allowlist does not name A_KEY"),
        ({"source": "file", "id": "/nope"}, "secret file:vault:/nope is unavailable: the file has nothing at /nope"),
        ({"source": "file", "provider": "gone", "id": "/x"}, "secrets.providers.gone is not configured"),
        ({"source": "exec", "provider": "vault", "id": "x"}, 'secrets.providers.vault has source "file"'),
        ({"source": "exec", "provider": "tool", "id": "none"}, "has no value of that id"),
        ({"source": "store", "id": "X"}, "this gateway keeps no secret store"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told_and_never_used(instance: Instance, ref: object, told: str) -> None:
    snapshot = check(instance, provider(ref))
    (warning,) = snapshot.warnings
    assert warning.path == "models.providers.x.apiKey"
    assert told in warning.message
    assert unresolved(key_of(snapshot)) is not None


def test_what_is_no_ref_refuses_the_file(instance: Instance) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        check(instance, provider({"source": "moon", "id": "x"}))
    (issue,) = caught.value.issues
    assert issue.path == "models.providers.x.apiKey"
    assert issue.message.startswith("Invalid SecretRef: source must be one of")


def test_programs_are_run_only_when_asked_for(instance: Instance) -> None:
    config = provider({"source": "exec", "provider": "tool", "id": "a"})
    snapshot = check(instance, config, run_programs=False)
    assert (snapshot.refs, snapshot.warnings) == ((0, 1), ())
    assert check(instance, config).refs == (1, 0)


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ({"source": "file", "id": "/nope"}, "gateway.auth.token needs the secret file:vault:/nope"),
        ("$NOT_SET", "gateway.auth.token needs NOT_SET; not set in process env"),
    ],
)
def test_without_the_gateways_own_secret_nothing_starts(instance: Instance, ref: object, told: str) -> None:
    snapshot = check(instance, {"gateway": {"auth": {"token": ref}}})
    with pytest.raises(NoSecret, match=told):
        resolve_auth(snapshot, instance.store_dir)


def test_a_tree_without_refs_is_left_as_it_is() -> None:
    tree: dict[str, object] = {"gateway": {"auth": {"token": "plain"}}}
    assert resolve_refs(tree, {}, run_programs=True).tree == tree


def test_every_secret_of_a_config_is_known(instance: Instance) -> None:
    config = provider("$A_KEY") | {"gateway": {"remote": {"token": "far-away"}}}
    assert set(secrets_in(check(instance, config).config)) == {"from-env", "far-away"}
