from __future__ import annotations

from collections.abc import Iterator

from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.cli.checks.table import CHECKS, Check, examine
from clawfleet.core.errors import HostError
from tests.unit.cli.conftest import Home


def test_names_are_unique() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_the_worst_comes_first_and_what_cannot_look_is_heard(scene: Scene) -> None:
    def mild(_: Scene) -> Iterator[Finding]:
        yield Finding("mild", "info", "mild")

    def broken(_: Scene) -> Iterator[Finding]:
        raise HostError("the disk is gone", hint="buy another")
        yield

    def incomplete(_: Scene) -> Iterator[Finding]:
        raise ModuleNotFoundError("No module named 'nacl'")
        yield

    assert examine(scene, [Check("d", incomplete)]).findings[0].check_id == "doctor.incomplete"
    outcome = examine(scene, [Check("a", mild), Check("b", broken), Check("c", mild, is_deep=True)])
    assert [one.check_id for one in outcome.findings] == ["doctor.cannot_look", "mild"]
    assert (outcome.run, outcome.skipped, outcome.ok) == (2, 1, False)
    assert outcome.findings[0].fix == "buy another"


def test_all_checks_look_at_an_empty_home_without_an_error(scene: Scene, home: Home) -> None:
    home.config_path.write_text('{gateway: {mode: "local"}}')
    home.config_path.chmod(0o600)
    outcome = examine(scene)
    assert [
        one for one in outcome.findings if one.severity == "error" and not one.check_id.startswith(("disk", "port"))
    ] == []
    assert outcome.run + outcome.skipped == len(CHECKS)
    assert outcome.skipped == sum(check.is_deep for check in CHECKS)
