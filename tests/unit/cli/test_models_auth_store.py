"""Stored credentials are reached in their file, which is made when something is kept."""

from __future__ import annotations

from clawfleet.cli.context import CliContext
from clawfleet.cli.models_auth_store import in_store, store_file, stored_ring
from clawfleet.models.auth.profiles import AuthProfile
from tests.unit.cli.conftest import Home


def test_what_is_kept_is_found_again(home: Home) -> None:
    cli = CliContext(environ=home.environ, cwd=home.root)
    assert stored_ring(cli).profiles("main") == () and not store_file(cli).exists()
    profile = AuthProfile("p:a", "p", "api_key", "k", owner="main")
    in_store(cli, lambda store: store.put(profile))
    assert stored_ring(cli).profiles("main") == (profile,)
