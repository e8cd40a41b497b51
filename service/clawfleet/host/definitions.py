"""Reads back what a service's file says: the command, environment and limits of a unit. Decides nothing, does no I/O.

A definition may be ours, OpenClaw's own, or somebody's by hand: everything is taken as it stands. `plists.py` reads
those of launchd.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from clawfleet.config.ports import parse_port
from clawfleet.host.hardening import hardening_of
from clawfleet.host.units import UnitLimits

KIND_VARIABLE = "OPENCLAW_SERVICE_KIND"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a service runs. `stop_timeout_s` and the other limits are those of its file."""

    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    limits: UnitLimits = field(default_factory=UnitLimits)

    @property
    def program(self) -> str:
        """The first word of the command."""
        return self.command[0] if self.command else ""

    @property
    def port(self) -> int | None:
        """The port that it is told to serve; None when it takes the config's."""
        for word, value in zip(self.command, (*self.command[1:], ""), strict=False):
            text = value if word == "--port" else word.removeprefix("--port=") if word.startswith("--port=") else ""
            if text and (port := parse_port(text)):
                return port
        return parse_port(self.environment.get("OPENCLAW_GATEWAY_PORT", ""))

    @property
    def port_source(self) -> str:
        """Who names that port: `service args`, `service env`, or nobody."""
        if any(word == "--port" or word.startswith("--port=") for word in self.command):
            return "service args"
        return "service env" if self.environment.get("OPENCLAW_GATEWAY_PORT") else ""

    @property
    def profile(self) -> str:
        """The profile it is for; empty for the unnamed one."""
        name = self.environment.get("OPENCLAW_PROFILE", "")
        return "" if name.lower() == "default" else name

    def state_dir(self, home: str) -> str:
        """Where its gateway keeps its state; `home` counts where the file names none."""
        if chosen := self.environment.get("OPENCLAW_STATE_DIR"):
            return chosen
        base = self.environment.get("OPENCLAW_HOME") or self.environment.get("HOME") or home
        return f"{base}/.openclaw{f'-{self.profile}' if self.profile else ''}"

    def config_path(self, home: str) -> str:
        """The config that its gateway reads."""
        return self.environment.get("OPENCLAW_CONFIG_PATH") or f"{self.state_dir(home)}/openclaw.json"

    @property
    def is_gateway(self) -> bool:
        """Whether this is a gateway's service, judged by its marker, else by its command."""
        if kind := self.environment.get(KIND_VARIABLE):
            return kind == "gateway"
        return "gateway" in self.command and any("claw" in word or "molt" in word for word in self.command)


def read_unit(*texts: str) -> Definition:
    """The definition in a unit file, drop-ins after it; what is unreadable in it counts as not said."""
    said: dict[str, list[str]] = {}
    for name, value in _settings(texts):
        said[name] = [*said.get(name, ()), value] if value else []
    environment: dict[str, str] = {}
    for line in said.get("Environment", ()):
        environment |= dict(word.partition("=")[::2] for word in _words(line) if "=" in word)
    default = UnitLimits()
    last = {name: values[-1] for name, values in said.items() if values}
    return Definition(
        command=tuple(word.replace("$$", "$") for word in _words(last.get("ExecStart", "").lstrip("@-:+!"))),
        environment=environment,
        user=last.get("User", ""),
        limits=UnitLimits(
            memory_max=last.get("MemoryMax", default.memory_max),
            cpu_quota=last.get("CPUQuota", default.cpu_quota),
            tasks_max=last.get("TasksMax", default.tasks_max),
            stop_timeout_s=_seconds(last.get("TimeoutStopSec", ""), default.stop_timeout_s),
            hardening=hardening_of(last),
        ),
    )


def _settings(texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for text in texts:
        section = ""
        for line in text.replace("\\\n", " ").splitlines():
            stripped = line.strip()
            if stripped.startswith("[") and stripped.endswith("]"):
                section = stripped
            elif section == "[Service]" and "=" in stripped and stripped[0] not in "#;":
                name, _, value = stripped.partition("=")
                yield name.strip(), value.strip()


def _words(line: str) -> list[str]:
    try:
        return [word.replace("%%", "%") for word in shlex.split(line)]
    except ValueError:
        return []


def _seconds(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() else default
