"""The way from `openclaw fleet` to the recipes that do the work: one JSON order to `deploy/pyinfra/hands.py`.

The recipes take this process's place, so that signals and exit codes are theirs. Nothing of them is imported here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from clawfleet.core.errors import HostError

_HERE = Path(__file__).resolve().parent
PLACES = (_HERE.parent / "recipes", _HERE.parents[2] / "deploy" / "pyinfra")


class RecipesMissing(HostError):
    """The installation has no recipes."""

    code = "RECIPES_MISSING"


def fleet_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every verb of `openclaw fleet` has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--limit", "limits", multiple=True, metavar="HOST[/GATEWAY]", help="Only these; may be repeated."),
        click.option(
            "--fleet",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Fleet file, or a directory of them. Unset: fleet.json5.",
        ),
    ):
        command = option(command)
    return command


def hand_over(verb: str, *, fleet: Path | None, limits: tuple[str, ...], as_json: bool, **options: object) -> NoReturn:
    """Becomes the process that carries the verb out. Raises RecipesMissing."""
    order = {"verb": verb, "fleet": str(fleet) if fleet else None, "limits": limits, "json": as_json}
    replace_process([sys.executable, str(hands()), json.dumps(order | {"options": options})])


def hands(places: tuple[Path, ...] = PLACES) -> Path:
    """The program of the recipes, from the first place that has it. Raises RecipesMissing."""
    for place in places:
        if (place / "hands.py").is_file():
            return place / "hands.py"
    raise RecipesMissing(
        "the recipes of `openclaw fleet` are not here", hint="install clawfleet again, or run it from a checkout"
    )


def replace_process(words: list[str]) -> NoReturn:
    """Runs another program in this process's place."""
    os.execv(words[0], words)  # noqa: S606 -- this interpreter and a program of ours
