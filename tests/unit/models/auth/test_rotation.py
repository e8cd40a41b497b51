"""The keys of the environment are tried in the documented order."""

from __future__ import annotations

from clawfleet.models.auth.rotation import environment_keys, prefix_of


def keys(environ: dict[str, str], provider: str = "openai", names: tuple[str, ...] = ("OPENAI_API_KEY",)) -> list[str]:
    return [key for _, key in environment_keys(provider, names, environ)]


def test_the_list_comes_first_then_the_key_then_the_numbered_ones() -> None:
    environ = {
        "OPENAI_API_KEY_2": "e",
        "OPENAI_API_KEY_1": "f",
        "OPENAI_API_KEY": "d",
        "OPENAI_API_KEYS": "a,b c;d",
        "OPENAI_API_KEY_FILE": "/run/key",
    }
    assert keys(environ) == ["a", "b", "c", "d", "f", "e"]


def test_the_list_alone_is_enough() -> None:
    assert keys({"OPENAI_API_KEYS": "a\nb"}) == ["a", "b"]


def test_a_live_key_is_the_only_one() -> None:
    assert keys({"OPENCLAW_LIVE_OPENAI_KEY": "x", "OPENAI_API_KEYS": "a,b"}) == ["x"]


def test_google_goes_by_gemini_and_custom_ids_by_their_letters() -> None:
    assert prefix_of("google") == "GEMINI"
    assert keys({"GEMINI_API_KEYS": "g", "GOOGLE_API_KEY": "h"}, "google", ("GEMINI_API_KEY", "GOOGLE_API_KEY")) == [
        "g",
        "h",
    ]
    assert keys({"CUSTOM_127_0_0_1_8317_API_KEY": "k"}, "custom-127-0-0-1-8317", ()) == ["k"]
