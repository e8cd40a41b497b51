"""Edits say what was asked and leave every other character alone."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

import pyjson5
import pytest

from clawfleet.config.edit import CannotSet, NotSet, get_value, set_value, style_of, unset_value
from clawfleet.config.layout import lay_out, locate
from clawfleet.config.path import KeyPath, parse_path

FILE = """\
// my gateway
{
  gateway: {
    port: 18789, // the usual one
    /* auth below */
    auth: { mode: 'token' },
  },

  // who answers
  agents: {
    list: [
      { id: 'main' }, // me
      { id: 'coding' },
    ],
  },
}
"""


def edited(path: str, value: object, text: str = FILE) -> str:
    return set_value(text, parse_path(path), value)


def removed(path: str, text: str = FILE) -> str:
    return unset_value(text, parse_path(path))


def test_a_changed_number_changes_nothing_else() -> None:
    """Only the digits differ."""
    assert edited("gateway.port", 19001) == FILE.replace("18789", "19001")


def test_the_same_value_leaves_the_file_byte_identical() -> None:
    """Setting what is set is no change, however it is spelt."""
    assert edited("gateway.port", 18789) == FILE
    assert edited("gateway.auth", {"mode": "token"}) == FILE


def test_a_new_key_takes_the_style_of_the_file() -> None:
    """Unquoted keys, single quotes, trailing comma, and behind the line's comment."""
    text = edited("gateway.bind", "lan")
    assert "    auth: { mode: 'token' },\n    bind: 'lan',\n  },\n" in text


def test_a_new_key_in_a_one_line_object_stays_on_the_line() -> None:
    """An object on one line remains one."""
    assert "auth: { mode: 'token', token: '${TOKEN}' }," in edited("gateway.auth.token", "${TOKEN}")


def test_missing_objects_are_made() -> None:
    """A deep path into nothing makes what it needs; keys that need quotes get them."""
    text = edited('models.providers["my.proxy"].baseUrl', "http://127.0.0.1:8317/v1")
    assert text.endswith(
        "  models: {\n    providers: {\n      'my.proxy': {\n        baseUrl: 'http://127.0.0.1:8317/v1',\n"
        "      },\n    },\n  },\n}\n"
    )


def test_a_list_keeps_the_items_it_shares_with_the_new_one() -> None:
    """The comment behind an unchanged item survives the replacement of the list."""
    text = edited("agents.list", [{"id": "main"}, {"id": "ops"}, {"id": "coding"}])
    assert "{ id: 'main' }, // me\n" in text
    assert pyjson5.decode(text)["agents"]["list"] == [{"id": "main"}, {"id": "ops"}, {"id": "coding"}]


def test_an_object_keeps_the_comments_of_the_keys_it_shares() -> None:
    """Replacing an object edits the differing keys only."""
    text = edited("gateway", {"port": 18789, "mode": "local"})
    assert "port: 18789, // the usual one" in text
    assert pyjson5.decode(text)["gateway"] == {"port": 18789, "mode": "local"}


def test_order_of_keys_is_part_of_the_value() -> None:
    """Two agents written in another order are a change, since the first one is the default."""
    text = edited("entries", {"b": 1, "a": 2}, "{entries: {a: 2, b: 1}}")
    assert list(pyjson5.decode(text)["entries"]) == ["b", "a"]


def test_unset_takes_the_line_and_its_comment() -> None:
    """The key's own line goes; the comment lines above and below stay."""
    assert removed("gateway.port") == FILE.replace("    port: 18789, // the usual one\n", "")


def test_unset_of_the_last_key_leaves_no_comma_in_strict_json() -> None:
    """Standard JSON stays standard JSON."""
    assert removed("b", '{\n  "a": 1,\n  "b": 2\n}\n') == '{\n  "a": 1\n}\n'


def test_unset_of_a_key_given_twice_removes_both() -> None:
    """The first spelling must not come back to life."""
    assert pyjson5.decode(removed("a", "{a: 1, b: 2, a: 3}")) == {"b": 2}


@pytest.mark.parametrize(
    ("text", "path", "value", "result"),
    [
        ("{}", "a", 1, '{\n  "a": 1\n}'),
        ("{}\n", "a.b", [], '{\n  "a": {\n    "b": []\n  }\n}\n'),
        ("{ // none yet\n}\n", "a", 1, '{ // none yet\n  "a": 1\n}\n'),
        ("{\n\t'a': {}\n}", "a.b", 1, "{\n\t'a': {\n\t\t'b': 1\n\t}\n}"),
        ("{a: 1}", "b", {"c": [1, "x"]}, '{a: 1, b: { c: [1, "x"] }}'),
        ('{\r\n  "a": 1\r\n}\r\n', "b", 2, '{\r\n  "a": 1,\r\n  "b": 2\r\n}\r\n'),
        ("{\n  a: 1 // one\n}", "b", 2, "{\n  a: 1, // one\n  b: 2\n}"),
        ("{a: [1, 2, 3]}", "a[3]", 4, "{a: [1, 2, 3, 4]}"),
        ("{a: [1, 2, 3]}", "a.1", 5, "{a: [1, 5, 3]}"),
        ("{a: [1, 2, 3]}", "a", [0, 1, 2, 3], "{a: [0, 1, 2, 3]}"),
        ("{a: 1}", "a", "it's", '{a: "it\'s"}'),
        ("{'a': 'x'}", "a", 'it\'s "so"', "{'a': 'it\\'s \"so\"'}"),
        ("{a: 0}", "a", float("-inf"), "{a: -Infinity}"),
        ("{a: true}", "a", 1, "{a: 1}"),
        ("[]", "[0].x", 1, '[\n  {\n    "x": 1\n  }\n]'),
        ("{\n  a: 1, /* of a */\n}", "b", None, "{\n  a: 1, /* of a */\n  b: null,\n}"),
    ],
)
def test_sets(text: str, path: str, value: object, result: str) -> None:
    """Small cases of setting, character by character."""
    assert edited(path, value, text) == result


@pytest.mark.parametrize(
    ("text", "path", "result"),
    [
        ("{ a: 1 }", "a", "{}"),
        ("{ a: 1, b: 2 }", "a", "{ b: 2 }"),
        ("{ a: 1, b: 2 }", "b", "{ a: 1 }"),
        ("{ a: 1, b: 2, }", "b", "{ a: 1, }"),
        ("{a: 1, /* b */ b: 2}", "a", "{/* b */ b: 2}"),
        ("{\n  // about a\n  a: 1,\n}", "a", "{\n  // about a\n}"),
        ("{\n  a: 1,\n  b: {\n    c: 2,\n  }, // both\n}", "b", "{\n  a: 1,\n}"),
        ("[1, 2, 3]", "[1]", "[1, 3]"),
        ("{a: {b: {c: 1}}}", "a.b.c", "{a: {b: {}}}"),
        ("{\n  a: 1, b: 2\n}", "a", "{\n  b: 2\n}"),
        ("{\r\n  a: 1,\r\n  b: 2\r\n}", "b", "{\r\n  a: 1\r\n}"),
    ],
)
def test_unsets(text: str, path: str, result: str) -> None:
    """Small cases of removing, character by character."""
    assert removed(path, text) == result


def test_a_path_through_a_scalar_is_refused() -> None:
    """A number holds no keys; the message names it and how to go on."""
    with pytest.raises(CannotSet, match=r"gateway\.port is neither an object nor a list") as caught:
        edited("gateway.port.x", 1)
    assert caught.value.hint == "remove it first: openclaw config unset gateway.port"


@pytest.mark.parametrize("path", ["agents.list[3]", "agents.list.name", "agents.list[-1]", "fresh[2]"])
def test_a_list_takes_only_its_own_items_and_the_next(path: str) -> None:
    """Nothing invents the items between."""
    with pytest.raises(CannotSet):
        edited(path, {"id": "x"})


def test_what_is_not_there_cannot_be_read_or_removed() -> None:
    """Both say which path."""
    for call in (get_value, unset_value):
        with pytest.raises(NotSet, match=r"Config path not found: agents\.list\[7\]"):
            call(FILE, parse_path("agents.list[7]"))


def test_get_value_reads_what_the_file_says() -> None:
    """Variables stay as written."""
    assert get_value("{a: ['${X}', 0x10]}", ("a",)) == ["${X}", 16]
    assert get_value("{a: 1}", ()) == {"a": 1}


def test_style_of_an_empty_file_is_standard_json() -> None:
    """Two blanks, double quotes, quoted keys."""
    style = style_of("{}", lay_out("{}"))
    assert (style.indent, style.quote, style.quotes_keys, style.ends_with_comma) == ("  ", '"', True, False)


class Writer:
    """Writes random trees as JSON5 in random dress, with numbered comments wherever the grammar allows them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.comments = 0
        self.indent = self.random.choice(["  ", "    ", "\t"])

    def tree(self, depth: int = 0) -> Any:
        kind = self.random.choice("oooalns" if depth < 3 else "ns") if depth else "o"
        size = self.random.randrange(4)
        if kind == "o":
            keys = self.random.sample(["a", "b", "c.d", "e-f", "$g", "ü", "0", "it's"], size)
            return {key: self.tree(depth + 1) for key in keys}
        if kind in "al":
            return [self.tree(depth + 1) for _ in range(size)]
        return self.random.choice([1, -2.5, True, None, "x", "it's", 'say "hi"', "a // b", "${X}", "/* no */"])

    def text(self, value: Any, at: str = "") -> str:
        if not isinstance(value, dict | list):
            return repr(value) if self.coin() and isinstance(value, str) and "'" not in value else pyjson5.encode(value)
        is_map = isinstance(value, dict)
        rows = [(self.key(row) + ":" + self.gap() if is_map else "", value[row] if is_map else row) for row in value]
        opener, closer = ("{", "}") if is_map else ("[", "]")
        multi = self.coin()
        inner = at + self.indent
        before = f"\n{inner}" if multi else ""
        parts = [before + self.gap(multi) + lead + self.text(item, inner) for lead, item in rows]
        body = ""
        for index, part in enumerate(parts):
            is_last = index == len(parts) - 1
            body += part + self.gap() + ("," if not is_last or self.coin() else "")
            body += self.line_comment() if multi else self.gap()
        return opener + body + (f"\n{at}" if multi else self.gap()) + closer

    def key(self, name: str) -> str:
        if re.fullmatch(r"[a-z$ü]+", name) and self.coin():
            return name
        return repr(name) if self.coin() else pyjson5.encode(name)

    def gap(self, multi: bool = False) -> str:
        if self.random.random() < 0.15:
            return f" {self.comment()} "
        if multi and self.random.random() < 0.15:
            return f"//c{self.next()};\n{self.indent}"
        return self.random.choice(["", " "])

    def line_comment(self) -> str:
        return f" //c{self.next()};" if self.random.random() < 0.3 else ""

    def comment(self) -> str:
        return f"/*c{self.next()};*/"

    def next(self) -> int:
        self.comments += 1
        return self.comments

    def coin(self) -> bool:
        return self.random.random() < 0.5


def paths(tree: Any, prefix: KeyPath = ()) -> list[KeyPath]:
    rows = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [prefix, *(found for key, item in rows for found in paths(item, (*prefix, key)))]


def at(tree: Any, path: KeyPath) -> Any:
    for segment in path:
        tree = tree[segment]
    return tree


def comments(text: str) -> set[str]:
    return set(re.findall(r"c\d+;", text))


@pytest.mark.parametrize("seed", range(400))
def test_random_edits_mean_what_they_say(seed: int) -> None:
    """Parse, edit as a tree or as text: the same meaning, and no comment lost outside what was touched."""
    writer = Writer(seed)
    tree = writer.tree()
    text = writer.text(tree)
    assert pyjson5.decode(text) == tree
    for _ in range(4):
        path = writer.random.choice(paths(tree))
        old_text, want = text, copy.deepcopy(tree)
        member, _ = locate(lay_out(text), path)
        touched = (member.start, member.end) if member else (0, len(text))
        if path and writer.coin():
            text = unset_value(text, path)
            del at(want, path[:-1])[path[-1]]
            line_end = old_text.find("\n", touched[1])
            touched = (touched[0], len(old_text) if line_end < 0 else line_end)
        elif isinstance(at(tree, path), dict) and writer.coin():
            value = writer.tree(2)
            text = set_value(text, (*path, "new"), value)
            at(want, path)["new"] = value
            touched = (0, 0)
        else:
            value = writer.tree(1) if path else writer.tree()
            text = set_value(text, path, value)
            if path:
                at(want, path[:-1])[path[-1]] = value
            else:
                want = value
        tree = pyjson5.decode(text)
        assert tree == want
        assert repr(tree) == repr(want)
        untouched = comments(old_text[: touched[0]] + old_text[touched[1] :])
        assert untouched <= comments(text)
