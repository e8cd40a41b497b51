"""What an installed package holds of the recipes."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_every_recipe_is_in_the_wheel_and_no_operators_file() -> None:
    """Each file or folder is named, so that a fleet file or its secrets beside them never travel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    recipes = {name.removeprefix("deploy/pyinfra/") for name in included if name.startswith("deploy/pyinfra/")}
    places = (ROOT / "deploy" / "pyinfra").rglob("*.py")
    needed = {path.relative_to(ROOT / "deploy" / "pyinfra").parts[0] for path in places}
    assert recipes == needed | {"fleet.example.json5"}
    assert all(included[f"deploy/pyinfra/{name}"] == f"clawfleet/recipes/{name}" for name in recipes)
