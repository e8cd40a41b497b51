"""Configs that must be refused, and in which words: file, line, key path, what was expected, what was found, what was
likely meant. The words are recorded in `tests/data/bad_configs.json`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.env import resolve_instance
from clawfleet.config.load import check_text
from clawfleet.config.read import ConfigInvalid, issue_line

BAD: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "bad_configs.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("row", BAD, ids=lambda row: row["config"][:60])
def test_a_bad_config_is_refused_with_the_reason(tmp_path: Path, row: dict[str, Any]) -> None:
    instance = resolve_instance(environ={"HOME": str(tmp_path)}, cwd=tmp_path)
    with pytest.raises(ConfigInvalid) as caught:
        check_text(instance, row["config"])
    assert [issue_line(issue, instance.config_path).strip() for issue in caught.value.issues] == row["told"]


def test_there_are_enough_of_them() -> None:
    assert len({row["config"] for row in BAD}) >= 60
