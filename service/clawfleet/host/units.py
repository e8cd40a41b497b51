"""One gateway as the text of its systemd unit. Decides the text only; the caller reads the template and places it.

The templates in `deploy/systemd/` serve the fleet recipes and a locally installed gateway alike. Policy and names
are fixed by deploy §14.1 and config-and-cli §5.2. A unit never holds a secret: units can be read by everyone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from clawfleet.core.errors import HostError
from clawfleet.host.hardening import Hardening, hardening_lines

STOP_TIMEOUT_VARIABLE = "OPENCLAW_STOP_TIMEOUT_S"
"""Tells the gateway how long its stop may take, so that it can drain its work within it."""

SERVICE_MARKER = "OPENCLAW_SERVICE_MARKER"
"""Set for a gateway that a service manager runs; what it prints is kept in a journal that others can read."""

UNIT_VARIABLE = "OPENCLAW_SYSTEMD_UNIT"
LABEL_VARIABLE = "OPENCLAW_LAUNCHD_LABEL"
REPAIR_POLICY = "OPENCLAW_SERVICE_REPAIR_POLICY"
"""`external` on a unit that belongs to whoever deployed it: commands of this host must not rewrite it."""

WRAPPER_VARIABLE = "OPENCLAW_WRAPPER"
"""Where a unit notes the program that starts its gateway, when it is not `openclaw` itself."""

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


class UnitTextError(HostError):
    """A value cannot stand in a unit file."""

    code = "UNIT_TEXT"


@dataclass(frozen=True, slots=True)
class UnitLimits:
    """What a unit may use and do.

    In systemd's own spellings: `1G` or `infinity`, `200%` or empty for none, a number or `infinity`; seconds.
    """

    memory_max: str = "infinity"
    cpu_quota: str = ""
    tasks_max: str = "infinity"
    stop_timeout_s: int = 330
    hardening: Hardening = "basic"


@dataclass(frozen=True, slots=True)
class UnitSpec:
    """What a unit is made of. Paths are absolute; `profile` is empty for the unnamed one.

    `program` is the `openclaw` executable, or a wrapper that ends in one; `arguments` come after `--port`. `user` is
    needed by system units only; `env` holds no secrets. `writable` are the workspaces: with its state dir and the place
    of its config all that a strict unit of the system may write to. It starts after the units `after`. `is_deployed`:
    somebody else keeps it, as a fleet does, and the command line never writes it anew by itself.
    """

    unit: str
    scope: Literal["user", "system"]
    profile: str
    port: int
    program: str
    home: str
    state_dir: str
    config_path: str
    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    limits: UnitLimits = field(default_factory=UnitLimits)
    arguments: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    is_deployed: bool = True

    @property
    def command(self) -> tuple[str, ...]:
        """What the service runs."""
        return (self.program, "gateway", "--port", str(self.port), *self.arguments)


def template_name(scope: Literal["user", "system"]) -> str:
    """The file name of the template for a scope."""
    return f"openclaw-gateway.{scope}.service"


def render_unit(template: str, spec: UnitSpec) -> str:
    """The unit's text. Raises UnitTextError for control characters, relative paths, or a template that does not fit."""
    values = {
        "description": description(spec),
        "after": " ".join(("network-online.target", *spec.after)),
        "exec_start": " ".join(argument(word) for word in (_absolute(spec.program), *spec.command[1:])),
        # systemd takes this value whole: quotes would become part of the path.
        "working_directory": _escaped(_absolute(spec.state_dir)),
        "environment": "\n".join(f"Environment={_assignment(*pair)}" for pair in environment(spec).items()),
        # systemd expands no specifiers in limits: a doubled % would be a wrong number.
        "memory_max": _one_line(spec.limits.memory_max),
        "cpu_quota": _one_line(spec.limits.cpu_quota),
        "tasks_max": _one_line(spec.limits.tasks_max),
        "stop_timeout_s": str(spec.limits.stop_timeout_s),
        "hardening": "\n".join(hardening_lines(spec.limits.hardening, spec.scope, _writable(spec))),
    }
    if spec.scope == "system":
        values["user"] = _escaped(spec.user)
    return _filled(template, values)


def _writable(spec: UnitSpec) -> list[str]:
    """The places to write to, each once; one that is not there yet is no reason not to start."""
    folder = spec.config_path.rpartition("/")[0]
    own = [folder] if folder.count("/") > 1 else []  # /etc is nobody's to write to
    places = dict.fromkeys([spec.state_dir, *own, *spec.writable])
    outer = [place for place in places if not any(place.startswith(f"{other}/") for other in places)]
    return [_quoted(f"-{_escaped(_absolute(place))}") for place in outer]


def description(spec: UnitSpec) -> str:
    """`OpenClaw Gateway (profile: ops)`."""
    return "OpenClaw Gateway" + (f" (profile: {spec.profile})" if spec.profile else "")


def environment(spec: UnitSpec, named_by: str = UNIT_VARIABLE) -> dict[str, str]:
    """The variables of the service, the caller's own last. Markers let the command line recognize its units.

    `named_by` is the variable that tells the gateway its service's name.
    """
    bin_dir = spec.program.rpartition("/")[0]
    named = {"OPENCLAW_PROFILE": spec.profile} if spec.profile else {}
    external = {REPAIR_POLICY: "external"} if spec.scope == "system" and spec.is_deployed else {}
    return {
        "HOME": spec.home,
        "PATH": f"{bin_dir}:/usr/local/bin:/usr/bin:/bin:{spec.home}/.local/bin:{spec.home}/bin",
        SERVICE_MARKER: "openclaw",
        "OPENCLAW_SERVICE_KIND": "gateway",
        named_by: spec.unit,
        "OPENCLAW_GATEWAY_PORT": str(spec.port),
        **named,
        "OPENCLAW_STATE_DIR": spec.state_dir,
        "OPENCLAW_CONFIG_PATH": spec.config_path,
        STOP_TIMEOUT_VARIABLE: str(spec.limits.stop_timeout_s),
        **external,
        **dict(sorted(spec.env.items())),
    }


def own_unit(environ: Mapping[str, str], pid: int | None = None) -> str | None:
    """The unit or launchd label that started the process with this environment; None when no service did.

    A shell that a service's agent opened has the same variables: with `pid` systemd's own word about it counts.
    """
    started = environ.get("SYSTEMD_EXEC_PID", "")
    if not environ.get(SERVICE_MARKER) or (pid is not None and started not in ("", str(pid))):
        return None
    return environ.get(UNIT_VARIABLE) or environ.get(LABEL_VARIABLE) or None


def _filled(template: str, values: Mapping[str, str]) -> str:
    wanted = set(_PLACEHOLDER.findall(template))
    if wanted != set(values):
        raise UnitTextError(
            f"the unit template and the unit do not fit: {', '.join(sorted(wanted ^ set(values)))}",
            hint="use the templates that belong to this version",
        )
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _one_line(value: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise UnitTextError(
            "a unit file cannot hold a value with a line break or control character",
            hint="remove it from the path, profile or variable",
        )
    return value


def _escaped(value: str) -> str:
    """`value` with systemd's specifiers taken literally."""
    return _one_line(value).replace("%", "%%")


def argument(word: str) -> str:
    """One word of a unit's command line; `$` is doubled because systemd expands variables there.

    Raises UnitTextError for a line break or another control character.
    """
    return _quoted(_escaped(word).replace("$", "$$"))


def _assignment(name: str, value: str) -> str:
    return _quoted(_escaped(f"{name}={value}"))


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise UnitTextError(f"systemd needs an absolute path, got {path!r}", hint="give the full path")
    return path
