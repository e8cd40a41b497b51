from __future__ import annotations

from clawfleet.cli.checks.scene import Scene
from tests.unit.cli.conftest import Home


def test_nothing_is_remembered_from_before_a_mend(scene: Scene, home: Home) -> None:
    home.write_config("{")
    assert scene.config_invalid is not None
    home.write_config('{gateway: {mode: "local"}}')
    assert scene.config_invalid is not None
    assert scene.anew().config_invalid is None
    assert scene.anew().deep == scene.deep


def test_programs_are_found_on_the_instances_path(scene: Scene, home: Home) -> None:
    assert scene.program("sh") is None
    home.environ["PATH"] = "/bin:/usr/bin"
    assert scene.anew().program("sh") is not None
