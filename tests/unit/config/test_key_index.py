"""The keys without the models."""

from __future__ import annotations

import pytest

from clawfleet.config.describe import all_defaults
from clawfleet.config.key_index import default_at, is_key, keys_below
from clawfleet.config.path import KeyPath
from clawfleet.config.shape import root_shape, shape_at


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ((), True),
        (("gateway",), True),
        (("gateway", "port"), True),
        (("gateway", "nope"), False),
        (("gateway", "port", "deeper"), False),
        (("models", "providers", "my.own", "baseUrl"), True),
        (("models", "providers", "x", "models", 0, "id"), True),
        (("models", "providers", "x", "models", "0", "id"), True),
        (("gateway", 0), False),
    ],
)
def test_it_knows_what_the_models_know(path: KeyPath, known: bool) -> None:
    assert is_key(path) is known
    assert (shape_at(path) is not None) is known


def test_defaults() -> None:
    """In JSON; nothing for objects, unknown keys and keys without one."""
    assert default_at(("gateway", "bind")) == "loopback"
    assert [default_at(path) for path in [("gateway",), ("gateway", "nope"), ("gateway", "auth", "token"), ()]] == [
        None
    ] * 4


def test_the_keys_below() -> None:
    """In the order of the models; names of the operator's own are not among them."""
    assert keys_below(()) == root_shape().keys
    assert "mode" in keys_below(("gateway",))
    assert keys_below(("models", "providers")) == ()
    assert keys_below(("nope",)) == ()


def test_every_key_of_the_models_is_in_it() -> None:
    assert [name for name in all_defaults() if not is_key(tuple(name.split(".")))] == []
