"""One check over a planted home: evidence in, findings out, the same again after the mend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.fix import mend_all
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.checks.table import CHECKS, examine
from clawfleet.cli.context import CliContext
from tests.unit.cli.conftest import Home

NO_VARIABLES: Mapping[str, str] = {}


class Look(Protocol):
    """`look("files/modes")` gives the findings of one check; with `fix` those that are left after mending."""

    def __call__(self, name: str, environ: Mapping[str, str] = ..., *, fix: bool = False) -> dict[str, Finding]: ...


@pytest.fixture
def scene(home: Home) -> Scene:
    """The home's instance; `home.environ` still counts when it is looked at."""
    home.state_dir.chmod(0o700)
    return Scene(CliContext(environ=home.environ, cwd=home.root))


@pytest.fixture
def look(home: Home, scene: Scene) -> Look:
    def run(name: str, environ: Mapping[str, str] = NO_VARIABLES, *, fix: bool = False) -> dict[str, Finding]:
        home.environ.update(environ)
        checks = [check for check in CHECKS if check.name == name]
        assert checks, f"there is no check {name}"
        findings = examine(scene.anew(), checks).findings
        if fix:
            mend_all(findings, lambda _: True)
            findings = examine(scene.anew(), checks).findings
        return {finding.check_id: finding for finding in findings}

    return run


def local(**gateway: Any) -> dict[str, Any]:
    """A config that may start a gateway."""
    return {"gateway": {"mode": "local", **gateway}}
