"""What a skill says of itself, in the ways that people write it."""

import pytest

from clawfleet.agents.skill_file import Needs, SkillFile, read_skill

MANY_LINES = """---
name: op
description: "Use the \\"op\\" program."
homepage: https://example.com/x
metadata:
  {
    "openclaw":
      {
        "emoji": "🔐",
        "always": true,
        "os": ["darwin"],
        "requires": { "bins": ["op"], "anyBins": ["a", "b"], "env": ["OP_TOKEN"], "config": ["x.y"] },
      },
  }
---
Text: not a key.
"""


def test_everything_that_it_says_is_read() -> None:
    assert read_skill(MANY_LINES, "folder") == SkillFile(
        "op",
        'Use the "op" program.',
        Needs(("op",), ("a", "b"), ("OP_TOKEN",), ("x.y",), ("darwin",)),
        always=True,
        emoji="🔐",
        homepage="https://example.com/x",
    )


@pytest.mark.parametrize(
    ("head", "description"),
    [
        ("description: plain: with a colon", "plain: with a colon"),
        ("description: 'it''s'", "it's"),
        ("description: >-\n  folded\n  over lines", "folded over lines"),
        ("description:", ""),
        ("other: x", ""),
    ],
)
def test_a_description_is_one_line_however_it_is_written(head: str, description: str) -> None:
    skill = read_skill(f"\ufeff---\n{head}\n---\n", "folder")
    assert skill is not None
    assert (skill.name, skill.description, skill.needs) == ("folder", description, Needs())


@pytest.mark.parametrize("metadata", ["[1]", "{", "text", '{"openclaw": 1}', '{"openclaw": {"requires": {"bins": 1}}}'])
def test_what_is_not_understood_is_left_out(metadata: str) -> None:
    skill = read_skill(f"---\nname: x\nmetadata: {metadata}\n---\n", "folder")
    assert skill is not None and skill.needs == Needs()


@pytest.mark.parametrize("text", ["", "no head", "---\nname: never closed\n"])
def test_a_text_without_a_head_is_no_skill(text: str) -> None:
    assert read_skill(text, "folder") is None


def test_who_is_told_of_a_skill() -> None:
    text = "---\nname: x\ndescription: d\ndisable-model-invocation: true\nuser-invocable: false\n---\n"
    file = read_skill(text, "x")
    assert file is not None and not file.for_model and not file.for_people
