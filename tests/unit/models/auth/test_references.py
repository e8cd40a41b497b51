"""What credentials name in files is fetched; what cannot be had is said and holds up nothing."""

from __future__ import annotations

import json
from pathlib import Path

from clawfleet.config.models.secrets import Secrets
from clawfleet.models.auth.profiles import AuthProfile
from clawfleet.models.auth.references import fetched
from clawfleet.models.auth.ring import KeyRing
from clawfleet.models.auth.store import Stored
from clawfleet.secrets.refs import SecretRef


def named(name: str, ref: SecretRef) -> AuthProfile:
    return AuthProfile(f"p:{name}", "p", "api_key", ref=ref, owner="main")


def test_a_file_is_asked_and_a_missing_provider_told(tmp_path: Path) -> None:
    vault = tmp_path / "vault.json"
    vault.touch(0o600)
    vault.write_text(json.dumps({"p": "key-of-the-file"}))
    secrets = Secrets.model_validate({"providers": {"vault": {"source": "file", "path": str(vault)}}})
    rows = (
        named("a", SecretRef("file", "vault", "/p")),
        named("b", SecretRef("file", "vault", "/q")),
        named("c", SecretRef("exec", "gone", "p")),
        named("d", SecretRef("env", "default", "P_KEY")),
        AuthProfile("p:e", "p", "api_key", "plain", owner="main"),
    )
    found = {row.id: row for row in fetched(secrets, {}, Stored(rows)).profiles}
    assert found["p:a"].value({}) == "key-of-the-file"
    assert found["p:b"].trouble == "the file has nothing at /q"
    assert found["p:c"].trouble == "secrets.providers.gone is not configured"
    assert (found["p:d"], found["p:e"]) == rows[3:]


async def test_a_ring_without_a_store_fetches_nothing() -> None:
    ring = KeyRing()
    ring.fetch_with(lambda stored: stored)
    await ring.refresh()
    assert ring.profiles("main") == ()
