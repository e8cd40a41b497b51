"""References to secrets."""

from __future__ import annotations

import pytest

from clawfleet.fleet.secret_refs import SecretRef, parse_secret_ref


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("env:MAIN_TOKEN", SecretRef("env", key="MAIN_TOKEN")),
        ("file:secrets/a.env#TOKEN", SecretRef("file", key="TOKEN", path="secrets/a.env")),
        ("generate:hex32", SecretRef("generate")),
    ],
)
def test_each_form_is_read_and_written_alike(text: str, ref: SecretRef) -> None:
    """What a message shows is what the operator wrote."""
    assert parse_secret_ref(text) == ref
    assert str(ref) == text
    assert parse_secret_ref(ref) is ref


@pytest.mark.parametrize("text", ["hunter2", "env:", "env:1X", "file:a.env", "file:#K", "generate:hex16", "", 7, None])
def test_a_value_in_place_of_a_reference_is_refused_without_being_repeated(text: object) -> None:
    """A pasted secret does not end up in the error."""
    with pytest.raises(ValueError, match="never as its value") as caught:
        parse_secret_ref(text)
    assert "hunter2" not in str(caught.value)
