"""Names of config texts."""

import re

from clawfleet.config.revision import text_hash, tree_hash


def test_the_name_follows_the_text_and_the_key() -> None:
    """Clients send it back to prove that they know the latest text."""
    assert text_hash("{}", b"key") == text_hash("{}", b"key")
    assert text_hash("{}", b"key") != text_hash("{ }", b"key")
    assert text_hash("{}", b"key") != text_hash("{}", b"other key")


def test_the_form_is_the_one_that_clients_know() -> None:
    assert re.fullmatch(r"hmac-sha256:v1:[\w-]{43}", text_hash("{}", b"key"))


def test_the_name_of_a_tree_does_not_depend_on_the_order_of_its_keys() -> None:
    assert tree_hash({"a": 1, "b": {"c": 2}}, b"key") == tree_hash({"b": {"c": 2}, "a": 1}, b"key")
    assert tree_hash({"a": 1}, b"key") != tree_hash({"a": 2}, b"key")
