"""Which tests run together, and in which order."""

import threading
from pathlib import Path

import pytest

from tests.support.parallel import one_at_a_time, scope_of, turn_of


def test_a_module_stays_together_and_the_hosts_of_the_deploy_tests_are_started_once() -> None:
    assert scope_of("tests/unit/core/test_ids.py::test_a[1]") == "tests/unit/core/test_ids.py"
    assert scope_of("tests/deploy/test_fleet.py::test_a") == scope_of("tests/deploy/test_care.py::test_b")


def test_long_ones_begin_first() -> None:
    names = ["tests/unit/a.py::t", "tests/contract/a.py::t", "tests/deploy/a.py::t", "tests/integration/a.py::t"]
    assert [name.split("/")[1] for name in sorted(names, key=turn_of)] == ["deploy", "integration", "contract", "unit"]


def test_a_lock_is_held_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    events: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with one_at_a_time("image"):
            events.append("second")

    thread = threading.Thread(target=second)
    with one_at_a_time("image"):
        thread.start()
        entered.wait(30)
        events.append("first")
    thread.join(30)
    assert events == ["first", "second"]
