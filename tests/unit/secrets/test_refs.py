"""What is a SecretRef, and what is wrong with one that is none."""

import pytest

from clawfleet.secrets.refs import BadRef, SecretRef, read_ref


@pytest.mark.parametrize(
    ("value", "ref"),
    [
        ("plain", None),
        ("$lower", None),
        ("${BRACES}", None),  # a variable in a text is put in before
        ("$OPENAI_API_KEY", SecretRef("env", "default", "OPENAI_API_KEY")),
        ({"source": "env", "id": "A"}, SecretRef("env", "default", "A")),
        ({"source": "file", "id": "/a/b"}, SecretRef("file", "vault", "/a/b")),
        ({"source": "file", "provider": "x", "id": "value"}, SecretRef("file", "x", "value")),
        ({"source": "exec", "id": "op://a/b#c"}, SecretRef("exec", "default", "op://a/b#c")),
        (7, None),
    ],
)
def test_refs(value: object, ref: SecretRef | None) -> None:
    assert read_ref(value, {"file": "vault"}) == ref


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"source": "moon", "id": "A"}, "source must be one of"),
        ({"source": "env", "provider": "X", "id": "A"}, "provider must be"),
        ({"source": "env", "id": "lower"}, "a variable name"),
        ({"source": "file", "id": "a/b"}, "a JSON pointer"),
        ({"source": "exec", "id": "a/../b"}, r"without \. or"),
        ({"source": "env", "id": "A", "more": 1}, 'Unrecognized key: "more"'),
    ],
)
def test_what_is_no_ref_is_explained(value: object, told: str) -> None:
    with pytest.raises(BadRef, match=told):
        read_ref(value, {})
