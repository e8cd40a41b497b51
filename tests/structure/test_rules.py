"""Each rule finds what it is there to find, and only that: shown on small planted checkouts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.structure.rules import RULES

Plant = Callable[..., Path]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes files into a checkout: `plant({"rpc/chat.py": "..."})` below the package, `top=` below the root."""

    def write(inside: dict[str, str] | None = None, top: dict[str, str] | None = None) -> Path:
        files = {f"service/clawfleet/{name}": text for name, text in (inside or {}).items()} | (top or {})
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def _one(name: str, root: Path) -> str:
    """The only violation of a rule."""
    found = RULES[name](root)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", RULES)
def test_an_empty_checkout_breaks_nothing(name: str, tmp_path: Path) -> None:
    """Rooms, docs and commands that do not exist yet are no violation."""
    assert RULES[name](tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "from clawfleet.rpc.call import Call",
        "from clawfleet import rpc",
        "import clawfleet.rpc",
        "from ..rpc import call",
        "def later():\n    from clawfleet.rpc import call",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from clawfleet.rpc import call",
        "import importlib\nimportlib.import_module('clawfleet.rpc.call')",
    ],
)
def test_an_upward_import_is_found(plant: Plant, text: str) -> None:
    """In every way of writing it, in functions and behind TYPE_CHECKING too."""
    root = plant({"store/db.py": text, "rpc/__init__.py": "", "rpc/call.py": "class Call: ..."})
    assert _one("imports_point_down", root).startswith("service/clawfleet/store/db.py: line")


def test_rooms_of_one_level_are_strangers(plant: Plant) -> None:
    """channels and agents stand on one level; neither may know the other."""
    root = plant(
        {"channels/telegram.py": "from clawfleet.agents.turn import Turn", "agents/turn.py": "class Turn: ..."}
    )
    assert "a room beside channels" in _one("imports_point_down", root)


def test_downward_imports_and_own_room_are_fine(plant: Plant) -> None:
    """cli may ask host, a room may split itself into files, and everyone may know the version."""
    root = plant(
        {
            "__init__.py": "__version__ = '1'",
            "cli/main.py": "from clawfleet.host import units\nimport clawfleet.cli.text",
            "cli/text.py": "from clawfleet import __version__",
            "host/units.py": "import json",
        }
    )
    assert RULES["imports_point_down"](root) == []


def test_a_room_that_the_design_does_not_know_is_found(plant: Plant) -> None:
    """A new folder needs a place in the order first."""
    assert "plugins is not a room" in _one("imports_point_down", plant({"plugins/base.py": ""}))


def test_a_cycle_is_found(plant: Plant) -> None:
    """Two modules of one room that import each other, one of them inside a function."""
    root = plant(
        {
            "store/a.py": "from clawfleet.store import b",
            "store/b.py": "def late():\n    from clawfleet.store.a import thing",
        }
    )
    text = _one("no_import_cycles", root)
    assert "clawfleet.store.a" in text
    assert "clawfleet.store.b" in text


def test_pyinfra_inside_the_package_is_found(plant: Plant) -> None:
    """The package never knows how it is put on a host."""
    assert "only deploy/ knows pyinfra" in _one("deploy_stays_outside", plant({"fleet/plan.py": "import pyinfra"}))


def test_a_recipe_that_reaches_into_the_gateway_is_found(plant: Plant) -> None:
    """deploy/ may use the fleet's data, not the gateway's insides."""
    files = {"deploy/pyinfra/deploy.py": "from clawfleet.fleet.model import Fleet\nfrom clawfleet.store import db"}
    assert "clawfleet.store.db" in _one("deploy_stays_outside", plant(top=files))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("routing/keys.py", "import os"),
        ("routing/keys.py", "from pathlib import Path"),
        ("protocol/frames.py", "import asyncio"),
        ("protocol/frames.py", "import urllib.request"),
        ("fleet/plan.py", "def load():\n    import socket"),
        ("fleet/plan.py", "def load(name):\n    return open(name)"),
        ("tools/policy.py", "def load(path):\n    return path.read_text()"),
        ("tools/loops.py", "import subprocess"),
        ("sandbox/spec.py", "import docker"),
        ("host/units.py", "from importlib import resources"),
    ],
)
def test_io_in_a_pure_place_is_found(plant: Plant, name: str, text: str) -> None:
    """Imports and calls that reach outside, at the top and inside functions."""
    assert "but this file is pure" in _one("pure_rooms_do_no_io", plant({name: text}))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("routing/keys.py", "from pathlib import PurePosixPath\nfrom urllib.parse import quote\nimport io\nimport re"),
        ("fleet/status.py", "import asyncio"),
        ("tools/exec.py", "import subprocess"),
        ("store/db.py", "import sqlite3\nopen('x')"),
    ],
)
def test_io_elsewhere_and_pure_names_are_fine(plant: Plant, name: str, text: str) -> None:
    """Only the pure places are held to it, and paths as words are words."""
    assert RULES["pure_rooms_do_no_io"](plant({name: text})) == []


@pytest.mark.parametrize(
    "text",
    [
        "import asyncio\nasyncio.create_task(work())",
        "from asyncio import create_task\ncreate_task(work())",
        "import asyncio\nasyncio.ensure_future(work())",
        "import asyncio\nasyncio.get_running_loop().create_task(work())",
        "def go(loop):\n    loop.create_task(work())",
    ],
)
def test_a_bare_task_is_found(plant: Plant, text: str) -> None:
    """A task nobody holds can vanish with its exception."""
    assert "TaskGroup" in _one("tasks_start_in_one_place", plant({"agents/run.py": text}))


def test_task_groups_and_the_one_place_are_fine(plant: Plant) -> None:
    """A TaskGroup keeps its tasks; core/tasks.py is where the others start."""
    group = "async def go():\n    async with asyncio.TaskGroup() as group:\n        group.create_task(work())"
    handed = "import asyncio\ndef go(tasks: asyncio.TaskGroup):\n    tasks.create_task(work())"
    own = "import asyncio\nasyncio.get_running_loop().create_task(work())"
    root = plant({"agents/run.py": group, "agents/lanes.py": handed, "core/tasks.py": own})
    assert RULES["tasks_start_in_one_place"](root) == []


@pytest.mark.parametrize(
    "text",
    [
        "import os\nhome = os.environ['HOME']",
        "import os\nhome = os.getenv('HOME')",
        "from os import environ",
        "from pathlib import Path\nhome = Path.home()",
        "from pathlib import Path\nhome = Path('~').expanduser()",
    ],
)
def test_a_look_at_the_environment_is_found(plant: Plant, text: str) -> None:
    """One file reads it; everything else is handed an Instance."""
    root = plant({"host/locks.py": text, "config/env.py": text})
    assert _one("environment_is_read_in_one_place", root).startswith("service/clawfleet/host/locks.py")


def test_a_file_that_does_not_parse_is_found_once(plant: Plant) -> None:
    """By its own rule; the others go on with the rest."""
    root = plant({"core/a.py": "def (:", "core/utils.py": ""})
    assert _one("files_are_python", root).startswith("service/clawfleet/core/a.py: line 1 is not Python")
    assert len(RULES["names_say_something"](root)) == 1


@pytest.mark.parametrize("folder", ["service/clawfleet/core", "deploy/pyinfra", "tests/unit", "benchmarks"])
def test_a_file_of_501_lines_is_found(plant: Plant, folder: str) -> None:
    """500 is the ceiling; a generated file says so and may be longer."""
    root = plant(
        top={
            f"{folder}/long.py": "x = 1\n" * 501,
            f"{folder}/full.py": "x = 1\n" * 500,
            f"{folder}/table.py": '"""Method scopes, generated from the protocol schema."""\n' + "x = 1\n" * 600,
        }
    )
    assert _one("files_are_short", root) == f"{folder}/long.py: 501 lines, more than 500"


def test_a_long_function_is_found(plant: Plant) -> None:
    """41 lines of body; the docstring does not count."""
    long = "def long():\n" + "    x = 1\n" * 41
    full = 'def full():\n    """Says\n    a lot.\n    """\n' + "    x = 1\n" * 40
    assert "long has 41 lines" in _one("functions_are_short", plant({"core/a.py": long, "core/b.py": full}))


def test_a_function_with_six_parameters_is_found(plant: Plant) -> None:
    """self does not count, keywords do, and a command has as many flags as it has."""
    root = plant(
        {
            "core/a.py": "class A:\n  def six(self, a, b, c, d, *, e, f): ...\n  def five(self, a, b, c, d, e): ...",
            "cli/b.py": "import click\n@click.command()\ndef run(a, b, c, d, e, f, g): ...",
        }
    )
    assert "six has 6 parameters" in _one("functions_are_short", root)


@pytest.mark.parametrize(("name", "text"), [("core/utils.py", ""), ("core/a.py", "class SessionManager: ...")])
def test_a_name_that_fits_anything_is_found(plant: Plant, name: str, text: str) -> None:
    """Files and classes are called after their subject."""
    assert len(RULES["names_say_something"](plant({name: text}))) == 1


def test_a_module_without_test_is_found(plant: Plant) -> None:
    """The mirror is exact, and an empty test file is none."""
    root = plant(
        {"store/db.py": "", "store/files.py": "", "store/lock.py": "", "store/__init__.py": '"""How it is kept."""'},
        top={
            "tests/unit/store/test_db.py": "def test_it() -> None: ...",
            "tests/unit/store/test_lock.py": "# later",
            "tests/unit/test_files.py": "def test_it() -> None: ...",
        },
    )
    missing, empty = RULES["modules_have_tests"](root)
    assert missing == "service/clawfleet/store/files.py: tests/unit/store/test_files.py is missing"
    assert empty == "service/clawfleet/store/lock.py: tests/unit/store/test_lock.py holds no test"


def test_a_package_file_with_code_needs_a_test(plant: Plant) -> None:
    """An __init__.py may say what the room is for; code in it counts as a module."""
    root = plant({"rpc/__init__.py": "def collect(): ..."})
    assert "tests/unit/rpc/test_init.py is missing" in _one("modules_have_tests", root)


METHODS = """
@method("sessions.list", scope="operator.read")
async def list_sessions(call): ...

@method("health", scope=None)
async def health(call): ...
"""


@pytest.mark.parametrize(
    ("docs", "missing"),
    [
        ("`sessions.list` lists, `health` tells health.", []),
        ("`sessions.list {limit}` lists; no word in plain text counts: health", ["health"]),
        ("`sessions.listing` and `health`", ["sessions.list"]),
    ],
)
def test_an_undocumented_method_is_found(plant: Plant, docs: str, missing: list[str]) -> None:
    """A method is documented where its name stands as code."""
    root = plant({"rpc/sessions.py": METHODS}, top={"docs/reference/rpc.md": docs})
    assert [text.split(": ")[0] for text in RULES["rpc_methods_are_documented"](root)] == missing


COMMANDS = """
import click

@click.group()
def main(): ...

@main.group()
def gateway(): ...

@gateway.command("run")
def run(): ...

@gateway.command("call")
def call(): ...

@main.command("secret", hidden=True)
def secret(): ...
"""


def test_an_undocumented_command_is_found(plant: Plant) -> None:
    """The click tree is walked; hidden commands and mere groups need no page."""
    package = {"__init__.py": "", "cli/__init__.py": "", "cli/main.py": COMMANDS}
    root = plant(package, top={"docs/cli.md": "`openclaw gateway run --port 1`"})
    assert _one("commands_are_documented", root).startswith("gateway call: ")


CONFIG = """
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

class Section(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

class Row(Section):
    max_tokens: int = 1

class Provider(Section):
    base_url: str | None = None
    models: list[Row] = []

class Models(Section):
    providers: dict[str, Provider] = {}

class Config(Section):
    models: Models | None = None
    log_level: str = "info"
"""


def test_an_undocumented_config_key_is_found(plant: Plant) -> None:
    """Keys are walked in the file's spelling through maps and lists; `*` and `<id>` mean the same in docs."""
    package = {"__init__.py": "", "config/__init__.py": "", "config/models/__init__.py": ""}
    docs = "`models.providers.*.baseUrl` and `models.providers.<id>.models[].maxTokens`"
    root = plant(package | {"config/models/root.py": CONFIG}, top={"docs/config.md": docs})
    assert _one("config_keys_are_documented", root) == "logLevel: the config key is in no page of docs/ as `logLevel`"


def test_a_checkout_that_cannot_be_asked_says_why(plant: Plant) -> None:
    """A broken import is one clear violation, not an empty list of commands."""
    root = plant({"__init__.py": "", "cli/__init__.py": "", "cli/main.py": "raise RuntimeError('half written')"})
    assert "half written" in _one("commands_are_documented", root)
