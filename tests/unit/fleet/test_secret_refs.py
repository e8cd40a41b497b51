"""References to secrets."""

from __future__ import annotations

import pytest

from clawfleet.fleet.secret_refs import SecretRef, parse_secret_ref


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("env:MAIN_TOKEN", SecretRef("env", key="MAIN_TOKEN")),
        ("file:secrets/a.env#TOKEN", SecretRef("file", key="TOKEN", path="secrets/a.env")),
        ("age:keys.age#TOKEN", SecretRef("age", key="TOKEN", path="keys.age")),
        ("sops:secrets/a.env#TOKEN", SecretRef("sops", key="TOKEN", path="secrets/a.env")),
        ("op://ops/tg-main/token", SecretRef("op", path="op://ops/tg-main/token")),
        ("generate:hex32", SecretRef("generate")),
    ],
)
def test_each_form_is_read_and_written_alike(text: str, ref: SecretRef) -> None:
    """What a message shows is what the operator wrote."""
    assert parse_secret_ref(text) == ref
    assert str(ref) == text
    assert parse_secret_ref(ref) is ref


@pytest.mark.parametrize(
    "text",
    ["hunter2", "env:", "env:1X", "file:a.env", "file:#K", "generate:hex16", "op://vault", "sops:x", "", 7, None],
)
def test_a_value_in_place_of_a_reference_is_refused_without_being_repeated(text: object) -> None:
    """A pasted secret does not end up in the error."""
    with pytest.raises(ValueError, match="never as its value") as caught:
        parse_secret_ref(text)
    assert "hunter2" not in str(caught.value)


def test_a_command_is_an_object() -> None:
    """With the words it is made of; a message shows only the program."""
    given = {"command": "/usr/bin/pass", "args": ["show", "x"], "passEnv": ["GNUPGHOME"], "timeoutS": 5, "json": "K"}
    ref = parse_secret_ref({"exec": given})
    assert ref == SecretRef("exec", "K", "", ("/usr/bin/pass", "show", "x"), ("GNUPGHOME",), 5)
    assert str(ref) == "exec:/usr/bin/pass"


@pytest.mark.parametrize(
    "given", [{}, {"command": "pass"}, {"command": "/p", "args": "x"}, {"command": "/p", "timeoutS": 0}, {"shell": 1}]
)
def test_a_command_that_could_be_anything_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="exec"):
        parse_secret_ref({"exec": given})
