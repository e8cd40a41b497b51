"""Places for gateways in temp directories; logging and the collector are left as they were."""

import gc
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from clawfleet.config.env import Instance, resolve_instance
from clawfleet.config.load import Snapshot, load_config
from clawfleet.runtime.options import RunOptions
from clawfleet.runtime.place import Place, take_place
from tests.support.logs import logging_as_it_was

MakeSetting = Callable[..., tuple[Instance, Snapshot]]
TakePlace = Callable[..., Place]


@pytest.fixture(autouse=True)
def _leave_the_process_as_it_was() -> Iterator[None]:
    with logging_as_it_was():
        yield
    gc.unfreeze()


@pytest.fixture
def setting(tmp_path: Path) -> MakeSetting:
    """An instance of its own with a config: `setting({"gateway": {...}}, NAME="value")`."""

    def make(config: Mapping[str, Any] | None = None, **environ: str) -> tuple[Instance, Snapshot]:
        base = {"HOME": str(tmp_path), "OPENCLAW_STATE_DIR": str(tmp_path / "state")}
        instance = resolve_instance(environ=base | environ, cwd=tmp_path)
        instance.state_dir.mkdir(exist_ok=True)
        if config is not None:
            instance.config_path.write_text(json.dumps(config), encoding="utf-8")
        return instance, load_config(instance)

    return make


@pytest.fixture
def take(setting: MakeSetting) -> Iterator[TakePlace]:
    """Takes places that are given up with the test: `take({"gateway": {...}}, bind="lan")`."""
    taken: list[Place] = []

    def make(
        config: Mapping[str, Any] | None = None, *, environ: Mapping[str, str] | None = None, **options: Any
    ) -> Place:
        instance, snapshot = setting(config, **(environ or {}))
        place = take_place(instance, snapshot, RunOptions(**{"port": 0, **options}))
        taken.append(place)
        return place

    yield make
    for place in taken:
        for listening in place.sockets:
            listening.close()
        place.lock.release()
