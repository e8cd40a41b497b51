"""What a tool is built from, for one session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from clawfleet.config.models.root import Config
from clawfleet.config.models.tools import ExecConfig
from clawfleet.sandbox.place import Place
from clawfleet.tools.desk import Desk
from clawfleet.tools.exec_gate import ExecGate
from clawfleet.tools.files.access import FileAccess
from clawfleet.tools.runtime.processes import Processes
from clawfleet.tools.web.cache import Cache


@dataclass(frozen=True, slots=True)
class Elevation:
    """Whether commands of a sandboxed session run on the host: `level` is off where they do not by themselves.

    `refusal` says why the one who asks may not have it, None when they may; `outside` is the host.
    """

    level: str
    refusal: str | None
    outside: Callable[[], Place]


@dataclass(frozen=True, slots=True)
class Seat:
    """One session's tools are made of it.

    `place` is where commands of the session run, `gate` what stands before those on the host, `files` what file tools
    work on, `processes` the commands that run, `allowed` the tools that policy leaves the session, `environ` the
    gateway's own environment: it holds keys, so no tool hands it on. `pages` is what the web tools fetched just now.
    `desk` is how tools reach the rest of the gateway, None where there is none. `model` answers, as far as is known.
    `exec` is how commands of the session run, `elevation` how they leave its sandbox; None where nothing is run.
    """

    config: Config
    agent_id: str
    session_key: str
    place: Place
    gate: ExecGate
    files: FileAccess
    environ: Mapping[str, str] = field(repr=False)
    processes: Processes = field(default_factory=Processes, repr=False)
    allowed: Sequence[str] = ()
    pages: Cache = field(default_factory=Cache, repr=False)
    desk: Desk | None = None
    model: str | None = None
    sandboxed: bool = False
    exec: ExecConfig = field(default_factory=ExecConfig)
    elevation: Elevation | None = None
