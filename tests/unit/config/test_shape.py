"""Walking the models by key path."""

from __future__ import annotations

from pydantic import SecretStr

from clawfleet.config.path import KeyPath
from clawfleet.config.redacted import is_secret_name
from clawfleet.config.shape import Shape, leaves, root_shape, shape_at


def at(*path: str | int) -> Shape:
    found = shape_at(path)
    assert found is not None
    return found


def test_paths_through_objects_maps_and_lists() -> None:
    """Any id, any index."""
    assert at("gateway", "port").kind == "value"
    assert at("models", "providers").kind == "map"
    assert at("models", "providers", "anything", "models", 7, "id").kind == "value"
    group = ("enabled", "requireMention", "allowFrom", "tools", "toolsBySender")
    assert at("channels", "telegram", "groups", "-100").keys == group
    assert at("agents", "entries", "x", "sandbox", "docker", "tmpfs").kind == "list"


def test_places_that_do_not_exist() -> None:
    """Names of Python are none of the file."""
    unknown: list[KeyPath] = [
        ("gateway", "control_ui"),
        ("nope",),
        ("gateway", "port", "x"),
        ("tools", "allow", 0, "x"),
    ]
    assert [shape_at(path) for path in unknown] == [None] * 4


def test_defaults() -> None:
    """As JSON; words where the machine decides; nothing where there is none."""
    assert at("gateway", "port").default == 18789
    assert at("agents", "defaults", "maxConcurrent").default == "max(8, 4 × CPUs)"
    assert at("gateway", "auth", "token").default is None
    assert at("models", "providers", "x", "baseUrl").default is None
    assert at("gateway", "http").default == {"endpoints": {"chatCompletions": {"enabled": False}}}


def test_where_only_text_can_be_meant() -> None:
    """A password of digits is text."""
    text: list[KeyPath] = [("gateway", "auth", "password"), ("agents", "defaults", "workspace"), ("tools", "allow", 0)]
    other: list[KeyPath] = [
        ("gateway", "port"),
        ("gateway", "controlUi", "enabled"),
        ("gateway",),
        ("models", "providers"),
    ]
    assert all(at(*path).takes_only_text for path in text)
    assert not any(at(*path).takes_only_text for path in other)


def test_every_leaf_has_a_description_and_is_spelt_as_in_the_file() -> None:
    """The reference and the schema are made of them."""
    found = dict(leaves())
    assert "models.providers.<id>.models[].contextWindow" in found
    assert "channels.telegram.groups.<id>.requireMention" in found
    assert not [name for name, shape in found.items() if shape.field is None or not shape.field.description]


def test_every_secret_is_known_by_its_name() -> None:
    """Redaction goes by names, also for sections without a model; no secret of the models escapes it."""
    secrets = [name for name, shape in leaves() if SecretStr in shape.inner]
    assert "channels.telegram.botToken" in secrets
    found = {tuple(name.split(".")[-2:]) for name in secrets}
    # Headers go by their own names, a proxy's URL by the login in it; a certificate is no secret, its key is one.
    open_names = {("tls", "ca"), ("tls", "cert"), ("proxy", "url")}
    told = {(section, name) for section, name in found if is_secret_name(name, section)}
    assert {(section, name) for section, name in found - told if name != "headers"} <= open_names
    assert is_secret_name("x-team", "headers")


def test_the_root_lists_its_sections() -> None:
    """In the order of the models."""
    assert root_shape().keys[:3] == ("gateway", "agents", "models")
