"""Somebody who types command lines, one after another, in the home of one gateway."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from typing import Any

from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayProcess

LIMIT_S = 60


class Shell:
    """Somebody's terminal; `{key}` and the like in what they type are filled in."""

    def __init__(self, gateway: GatewayProcess, fake: FakeOpenAI) -> None:
        self.gateway = gateway
        self.fake = fake
        self._words = {"url": fake.base_url, "port": str(gateway.port), "home": str(gateway.home)}
        self._env = gateway.env | {"COLUMNS": "80"}

    def type(self, line: str, code: int = 0, *wanted: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """What a line does. Raises AssertionError when it ends otherwise, or lacks words that are wanted of it."""
        for name, value in self._words.items():
            line = line.replace(f"<{name}>", value)
        done = subprocess.run(
            [sys.executable, "-m", "clawfleet", *shlex.split(line)[1:]], env=self._env, cwd=self.gateway.home,
            input=stdin, capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        said = f"$ {line}\n{done.stdout}\n--- stderr\n{done.stderr}"
        assert done.returncode == code, f"exit {done.returncode} instead of {code}\n{said}"
        for word in wanted:
            assert word in done.stdout + done.stderr, f"no {word!r} in\n{said}"
        assert "Traceback" not in done.stderr, said
        return done

    def json(self, line: str, code: int = 0, stdin: str = "") -> Any:
        """The one document on stdout."""
        return json.loads(self.type(line, code, stdin=stdin).stdout)
