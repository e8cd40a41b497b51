"""`openclaw models auth list|remove|copy`."""

from __future__ import annotations

from tests.unit.cli.conftest import FakeGateway, Home, OpenClaw


def keep(openclaw: OpenClaw, name: str) -> None:
    done = openclaw("models", "auth", "paste-api-key", "--provider", "groq", "--profile-id", name, stdin="k\n")
    assert done.exit_code == 0, done.output


def test_nothing_is_there_before_something_is_kept(home: Home, openclaw: OpenClaw) -> None:
    assert "Profiles: (none)" in openclaw("models", "auth", "list").stdout
    assert not home.store_dir.exists()


def test_profiles_are_copied_and_removed(openclaw: OpenClaw) -> None:
    keep(openclaw, "groq:a")
    keep(openclaw, "groq:b")
    assert openclaw("models", "auth", "copy", "--from", "main", "--to", "coding", "groq:a").stdout == (
        "Copied to coding: groq:a\n"
    )
    assert "nothing new" in openclaw("models", "auth", "copy", "--from", "main", "--to", "coding", "groq:a").stdout
    assert openclaw("models", "auth", "remove", "groq:gone", "--yes").exit_code == 1
    assert openclaw("models", "auth", "remove", "groq:a", "--yes").stdout == "Removed: groq:a\n"
    left = openclaw("models", "auth", "list").stdout
    assert "groq:b" in left and "groq:a" not in left
    assert "groq:a" in openclaw("models", "auth", "list", "--agent", "coding").stdout


def test_a_running_gateway_is_asked_so_that_it_stops_what_runs(own: FakeGateway, openclaw: OpenClaw) -> None:
    keep(openclaw, "groq:a")
    own.answers["models.authLogout"] = {"provider": "groq", "removedProfiles": ["groq:a"], "abortedRunIds": []}
    assert openclaw("models", "auth", "logout", "groq:a", "--yes").exit_code == 0
    assert own.calls("models.authLogout") == [{"provider": "groq", "profileIds": ["groq:a"]}]
