"""A stored credential is read in today's words and in those of old stores, and says whether it can be used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clawfleet.models.auth.profiles import AuthProfile, BadProfile, clean_secret, masked, read_profile, written
from clawfleet.secrets.refs import SecretRef

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("row", "kind", "secret"),
    [
        ({"type": "api_key", "provider": "p", "key": " k1 "}, "api_key", "k1"),
        ({"apiKey": "k2"}, "api_key", "k2"),
        ({"mode": "token", "provider": "p", "token": "tok-3"}, "token", "tok-3"),
        ({"provider": "p", "access": "acc-4", "refresh": "r", "expires": NOW}, "oauth", "acc-4"),
    ],
)
def test_every_kind_is_read(row: dict[str, object], kind: str, secret: str) -> None:
    profile = read_profile("p:one", row)
    assert (profile.kind, profile.secret, profile.provider) == (kind, secret, "p")
    assert secret not in repr(profile)


def test_what_is_kept_reads_back_and_keeps_what_others_wrote() -> None:
    row = {"type": "oauth", "provider": "p", "access": "a", "refresh": "r", "expires": NOW, "email": "me@x"}
    assert written(read_profile("p:one", row)) == row


def test_a_reference_means_a_variable() -> None:
    profile = read_profile("p:one", {"type": "api_key", "provider": "p", "keyRef": {"source": "env", "id": "P_KEY"}})
    assert profile.value({"P_KEY": " k\n"}) == "k"
    assert profile.state({}, NOW) == "unresolved_ref"
    assert profile.state({"P_KEY": "k"}, NOW) == "ok"


@pytest.mark.parametrize(
    "row",
    [
        "no object",
        {"type": "password"},
        {"type": "oauth", "provider": "p", "accessRef": {"source": "env", "id": "X"}},
        {"type": "api_key", "provider": "p", "keyRef": {"source": "nowhere", "id": "X"}},
    ],
)
def test_what_is_no_profile_is_refused(row: object) -> None:
    with pytest.raises(BadProfile):
        read_profile("p:one", row)


@pytest.mark.parametrize(
    ("profile", "state"),
    [
        (AuthProfile("p:a", "p", "token", "t"), "ok"),
        (AuthProfile("p:a", "p", "token"), "missing_credential"),
        (AuthProfile("p:a", "p", "token", "t", expires_at_ms=NOW), "expired"),
        (AuthProfile("p:a", "p", "token", "t", expires_at_ms=NOW + 1), "ok"),
        (AuthProfile("p:a", "p", "token", "t", expires_at_ms=-1), "invalid_expires"),
        (AuthProfile("p:a", "p", "oauth", "a", refresh="r", token_url="http://x", expires_at_ms=1), "ok"),
        (AuthProfile("p:a", "p", "oauth", "a", refresh="r", expires_at_ms=1), "expired"),
    ],
)
def test_whether_it_can_be_used(profile: AuthProfile, state: str) -> None:
    assert profile.state({}, NOW) == state


def test_a_secret_shows_its_ends_only() -> None:
    assert masked("secret") == "s...t"
    assert masked("xai-12345678") == "xa...78"
    assert masked("sk-abcdefghij-012345678") == "sk-abcde...12345678"


def test_a_pasted_secret_is_trimmed_and_must_be_one_word() -> None:
    assert clean_secret(" key\n") == "key"
    for text in ("", " \n", "two words", "tab\tkey"):
        with pytest.raises(BadProfile):
            clean_secret(text)


def test_what_was_fetched_is_never_kept() -> None:
    row = {"type": "token", "provider": "p", "tokenRef": {"source": "file", "provider": "vault", "id": "/p"}}
    profile = read_profile("p:a", row)
    assert profile.ref == SecretRef("file", "vault", "/p") and profile.state({}, NOW) == "unresolved_ref"
    filled = replace(profile, secret="from-the-file")
    assert filled.state({}, NOW) == "ok" and filled.value({}) == "from-the-file"
    assert written(filled) == row
