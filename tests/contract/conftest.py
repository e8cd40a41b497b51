"""The published schema of the gateway protocol, as a judge of what this gateway says and takes."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.support.npm import packed
from tests.support.requirements import need

PROTOCOL_PACKAGE = "@openclaw/gateway-protocol@2026.9.1"


class Judge:
    """Holds JSON against definitions of the published schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.definitions: dict[str, Any] = schema["definitions"]
        self.methods: dict[str, Any] = schema["methods"]

    def check(self, name: str, value: Any, *, beyond: Collection[str] = ()) -> None:
        """Raise AssertionError with every violation of definition `name`.

        `beyond` are keys that today's gateways send though the schema, which is older, does not have them: they must
        be there, and the rest must fit (protocol §18.1).
        """
        self.check_against(self.definitions[name], value, name, beyond=beyond)

    def check_against(self, schema: Any, value: Any, name: str, *, beyond: Collection[str] = ()) -> None:
        """The same for a part of a definition."""
        if beyond:
            assert set(beyond) <= set(value), f"{name}: {set(beyond) - set(value)} is not sent any more"
            value = {key: item for key, item in value.items() if key not in beyond}
        errors = sorted(Draft7Validator(schema).iter_errors(value), key=lambda error: list(error.absolute_path))
        told = [f"  at {error.json_path}: {error.message[:300]}" for error in errors]
        assert not told, f"{name} is not what the schema says\n" + "\n".join(told)


@pytest.fixture(scope="session")
def judge() -> Judge:
    """The judge; fetches the published package once."""
    need("npm")
    schema = json.loads((packed(PROTOCOL_PACKAGE) / "protocol.schema.json").read_text(encoding="utf-8"))
    return Judge(schema)
