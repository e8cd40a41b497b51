"""The file as JSON Schema, for editors: generated from the models, with the keys that are accepted without effect."""

from __future__ import annotations

from typing import Any

from clawfleet.config.models.root import Config
from clawfleet.config.path import KeyPath
from clawfleet.config.shape import Shape, root_shape
from clawfleet.config.unused import UNUSED
from clawfleet.secrets.refs import SOURCES


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of openclaw.json in the spelling of the file."""
    schema = Config.model_json_schema(by_alias=True)
    for key, reason in UNUSED.items():
        *owner, name = key.split(".")
        place = _object_at(schema, tuple(owner))
        if place is not None and name != "*":
            place["properties"].setdefault(
                name, {"description": f"Accepted without effect: {reason}" if reason else ""}
            )
    return schema


def editor_schema() -> dict[str, Any]:
    """The same, in which a secret may also be a SecretRef: what people write, before secrets are put in."""
    schema = json_schema()
    _let_secrets_be_refs(schema)
    schema["$defs"]["SecretRef"] = _SECRET_REF
    return schema


def _let_secrets_be_refs(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _let_secrets_be_refs(item)
    elif isinstance(node, dict):
        for item in node.values():
            _let_secrets_be_refs(item)
        if node.get("format") == "password":
            node["anyOf"] = [{"type": node.pop("type")}, {"$ref": "#/$defs/SecretRef"}]
            del node["format"]


_SECRET_REF = {
    "type": "object",
    "title": "SecretRef",
    "description": "Where the secret is kept.",
    "required": ["source", "id"],
    "additionalProperties": False,
    "properties": {
        "source": {"enum": list(SOURCES), "description": "What keeps it."},
        "provider": {"type": "string", "description": "Which of secrets.providers. Unset: secrets.defaults."},
        "id": {"type": "string", "description": "A variable, a JSON pointer, or what the program knows it by."},
    },
}


def form_schema() -> dict[str, Any]:
    """The same schema without references and without null, as forms of protocol clients read it (draft 7)."""
    schema = json_schema()
    found: dict[str, Any] = _spelt_out(schema, schema.pop("$defs", {}))
    return {"$schema": "http://json-schema.org/draft-07/schema#", **found, "title": "OpenClawConfig"}


def _spelt_out(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_spelt_out(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        own = {key: value for key, value in node.items() if key != "$ref"}
        return _spelt_out(definitions[node["$ref"].rpartition("/")[2]] | own, definitions)
    found = {key: _spelt_out(value, definitions) for key, value in node.items()}
    choices = [choice for choice in found.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del found["anyOf"]
        found = choices[0] | found
        if found.get("default", "") is None:
            del found["default"]
    return found


def _object_at(schema: dict[str, Any], path: KeyPath) -> dict[str, Any] | None:
    """The part of the schema that describes the object at `path`; `*` is any entry of a map."""
    shape: Shape | None = root_shape()
    for segment in path:
        shape = shape.child(segment) if shape else None
    if shape is None or shape.model is None:
        return None
    if shape.model is Config:
        return schema
    found: dict[str, Any] = schema["$defs"][shape.model.__name__]
    return found
