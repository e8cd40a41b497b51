"""Key paths as people type them."""

from __future__ import annotations

import pytest

from clawfleet.config.path import BadPath, KeyPath, index_in, look_up, parse_path, show_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("gateway.port", ("gateway", "port")),
        ('a["x.y-z"]', ("a", "x.y-z")),
        ("a['k']", ("a", "k")),
        ("list[0]", ("list", 0)),
        ("list.0", ("list", "0")),
        ("list[-1]", ("list", -1)),
        ("list[0].id", ("list", 0, "id")),
        (
            'models.providers["custom-127-0-0-1-8317"].models',
            ("models", "providers", "custom-127-0-0-1-8317", "models"),
        ),
        ("models.providers.custom-127-0-0-1-8317", ("models", "providers", "custom-127-0-0-1-8317")),
        ('a["q\\"uote"]', ("a", 'q"uote')),
        ('["a"].b', ("a", "b")),
        ("a[key]", ("a", "key")),
        (" a.b ", ("a", "b")),
        ('agents.defaults.models["openai/gpt-5"].alias', ("agents", "defaults", "models", "openai/gpt-5", "alias")),
    ],
)
def test_paths(text: str, path: KeyPath) -> None:
    """Dots and brackets mix."""
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["a..b", "a.", ".a", "a[", "a]", "a[]", 'a["x]', "a.[0]"])
def test_nonsense_is_refused_with_an_example(text: str) -> None:
    """Exit code 1, as the original."""
    with pytest.raises(BadPath, match="Invalid config path") as caught:
        parse_path(text)
    assert caught.value.exit_code == 1
    assert "for example" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_path(text: str) -> None:
    """The original's words."""
    with pytest.raises(BadPath, match=r"^Path is empty\.$"):
        parse_path(text)


@pytest.mark.parametrize(
    "path", [("a", "b"), ("a", "x.y"), ("a", 0, "b"), ("x y",), ("a", 'q"u'), ("a", "b\\"), ("", "a"), ("a", "[0]")]
)
def test_shown_paths_read_back(path: KeyPath) -> None:
    """What a message prints can be pasted into the next command."""
    assert parse_path(show_path(path)) == path


def test_the_empty_path_shows_as_root() -> None:
    """As issues name the whole file."""
    assert show_path(()) == "<root>"


def test_look_up() -> None:
    """Maps by key, lists by index in either spelling."""
    tree = {"a": [{"b": 1}], "0": 2}
    assert look_up(tree, ("a", 0, "b")) == look_up(tree, ("a", "0", "b")) == 1
    assert look_up(tree, (0,)) == 2
    assert look_up(tree, ()) is tree


@pytest.mark.parametrize("path", [("x",), ("a", 1), ("a", -1), ("a", "b"), ("a", 0, "b", "c")])
def test_looking_up_what_is_not_there(path: KeyPath) -> None:
    """KeyError, whatever is missing; a negative index is unknown."""
    with pytest.raises(KeyError):
        look_up({"a": [{"b": 1}]}, path)


def test_index_in() -> None:
    """Only the indexes that exist."""
    assert index_in("ab", "1") == 1
    with pytest.raises(KeyError):
        index_in("ab", 2)
