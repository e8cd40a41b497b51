"""What is not lost by accident."""

from __future__ import annotations

from typing import Any

import pytest

from clawfleet.config.guard import SMALL_FILE_CHARS, WouldLose, check_keeps, check_mode, check_size, merged
from clawfleet.config.path import KeyPath

OLD: dict[str, Any] = {
    "gateway": {"mode": "local", "port": 1},
    "models": {"providers": {"x": {"baseUrl": "u", "apiKey": "k", "models": [{"id": "a"}, {"id": "b"}]}, "y": {}}},
    "agents": {"list": [{"id": "main"}, {"id": "ops"}], "defaults": {"models": {"x/a": {"alias": "a"}}}},
}


def refusal(path: KeyPath, new: dict[str, Any]) -> str:
    with pytest.raises(WouldLose) as caught:
        check_keeps(OLD, new, path)
    assert caught.value.exit_code == 1
    return caught.value.message


def test_replacing_a_list_of_models_names_the_lost_ones() -> None:
    """OpenClaw's words."""
    new = {**OLD, "models": {"providers": {"x": {**OLD["models"]["providers"]["x"], "models": [{"id": "a"}]}, "y": {}}}}
    assert refusal(("models", "providers", "x", "models"), new) == (
        "Refusing to replace models.providers.x.models; it would remove existing entries: b. "
        "Use --merge to merge by id or --replace to replace intentionally."
    )


def test_replacing_a_map_names_the_lost_keys() -> None:
    """Providers, and keys of a provider."""
    new = {**OLD, "models": {"providers": {"z": {}}}}
    assert refusal(("models", "providers"), new) == (
        "Refusing to replace models.providers; it would remove existing entries: x, y. "
        "Use --merge to merge object values or --replace to replace intentionally."
    )
    providers = {**OLD["models"]["providers"], "x": {"baseUrl": "u", "models": [{"id": "a"}, {"id": "b"}]}}
    assert "models.providers.x; it would remove existing entries: apiKey" in refusal(
        ("models", "providers", "x"), {**OLD, "models": {"providers": providers}}
    )


def test_a_value_above_a_protected_map_counts_too() -> None:
    """`config set models '{}'` drops the providers just as well."""
    assert "models.providers" in refusal(("models",), {**OLD, "models": {}})
    assert "agents.list" in refusal(("agents",), {**OLD, "agents": {"defaults": OLD["agents"]["defaults"]}})


def test_the_gateway_mode_is_kept() -> None:
    """Without it the gateway does not start."""
    with pytest.raises(WouldLose, match=r"gateway\.mode"):
        check_mode(OLD, {**OLD, "gateway": {"port": 1}})
    check_mode({}, {})


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("gateway", "port"), {**OLD, "gateway": {"mode": "local", "port": 2}}),
        (("agents", "list"), {**OLD, "agents": {**OLD["agents"], "list": [*OLD["agents"]["list"], {"id": "new"}]}}),
        (("gateway", "port"), {**OLD, "models": {}}),
    ],
)
def test_what_loses_nothing_below_its_path_passes(path: KeyPath, new: dict[str, Any]) -> None:
    """The guard is about the place that was set."""
    check_keeps(OLD, new, path)


def test_a_file_does_not_halve() -> None:
    """Unless it was small."""
    with pytest.raises(WouldLose, match="Refusing to shrink the config from 2000 to 900 characters"):
        check_size("x" * 2000, "x" * 900)
    check_size("x" * 2000, "x" * 1000)
    check_size("x" * (SMALL_FILE_CHARS - 1), "")


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        ({"a": 1, "b": {"c": 2}}, {"b": {"d": 3}}, {"a": 1, "b": {"c": 2, "d": 3}}),
        ([{"id": "a", "x": 1}, {"id": "b"}], [{"id": "a", "y": 2}], [{"id": "a", "x": 1, "y": 2}, {"id": "b"}]),
        ([{"id": "a"}], [{"id": "c"}], [{"id": "a"}, {"id": "c"}]),
        ([1, 2], [3], [3]),
        ([], [{"id": "a"}], [{"id": "a"}]),
        ({"a": 1}, 5, 5),
        (None, {"a": 1}, {"a": 1}),
        ([{"id": "a"}, {"no": "id"}], [{"id": "b"}], [{"id": "b"}]),
    ],
)
def test_merging(old: object, new: object, both: object) -> None:
    """Objects by key, models and agents by id, all else replaced; the order of what was there stays."""
    assert merged(old, new) == both
    assert repr(merged(old, new)) == repr(both)
