"""A tool's parameters, said once: the model behind `Arguments` is both the schema sent out and the check on return."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from clawfleet.tools.failures import BadArguments

ECHO_LIMIT = 2_000


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain a NUL character")
    return text


Plain = Annotated[str, AfterValidator(_without_nul)]
"""Text that the operating system can take."""
FilePath = Annotated[
    Plain,
    Field(
        min_length=1,
        validation_alias=AliasChoices("path", "file_path"),
        description="Path of the file, absolute or relative to the workspace.",
    ),
]


class Arguments(BaseModel):
    """Base of every tool's arguments. Other spellings of a name go into its `validation_alias`, after the right one."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )

    @classmethod
    def parameters(cls) -> dict[str, object]:
        """The JSON Schema object that models are given."""
        schema = cls.model_json_schema()
        schema.pop("description", None)
        plain: dict[str, object] = _plain(schema, schema.pop("$defs", {}))
        return plain

    @classmethod
    def read(cls, tool: str, arguments: Mapping[str, object]) -> Self:
        """The checked arguments. Raises `BadArguments` that lists every fault in words a model can act on."""
        try:
            return cls.model_validate(dict(arguments))
        except ValidationError as error:
            faults = "\n".join(f"  - {_fault(each['loc'], each['type'], each['msg'])}" for each in error.errors())
            received = json.dumps(dict(arguments), indent=2, ensure_ascii=False, default=str)
            raise BadArguments(
                f'Validation failed for tool "{tool}":\n{faults}\n\nReceived arguments:\n{received[:ECHO_LIMIT]}'
            ) from None


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(str(part) for part in place)
    if kind == "missing":
        return f"{name}: must have required properties {name}"
    if kind == "extra_forbidden":
        return f"{name}: is not a parameter of this tool"
    return f"{name}: {message}"


def _plain(node: Any, parts: Mapping[str, Any]) -> Any:
    """The schema in one piece, as every wire takes it, without what costs tokens and tells models nothing.

    That is: generated titles, null as another choice. `parts` are what its references stand for.
    """
    if isinstance(node, list):
        return [_plain(each, parts) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(reference := node.get("$ref"), str):
        part = {key: value for key, value in parts[reference.rpartition("/")[2]].items() if key != "description"}
        node = {**part, **{key: value for key, value in node.items() if key != "$ref"}}
    choices = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) == 1:
        node = {**{key: value for key, value in node.items() if key not in ("anyOf", "default")}, **choices[0]}
    return {key: _plain(value, parts) for key, value in node.items() if not (key == "title" and isinstance(value, str))}
