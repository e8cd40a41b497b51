"""What JSON calls a value."""

import pytest

from clawfleet.config.json_kind import kind_of


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "null"), (True, "boolean"), (1, "number"), (1.5, "number"), ("", "string"), ({}, "object"), ([], "array")],
)
def test_kinds_of_json(value: object, kind: str) -> None:
    """Never Python's words."""
    assert kind_of(value) == kind
