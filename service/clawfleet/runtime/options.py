"""How a gateway is asked to run, and what it says when it is ready: what the command line and the runtime agree on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ready:
    """What a gateway is once it serves: enough for the panel that `gateway run` prints.

    `url` is the dashboard without the token, ending in `/`. `token` is None when auth is not by token.
    `model` is the ref that answers by default; `is_demo` marks the built-in one that needs no key, `model_problem`
    says why the model cannot answer.
    """

    url: str
    token: str | None = field(repr=False)
    model: str
    is_demo: bool
    state_dir: Path
    config_path: Path
    config_exists: bool
    log_file: Path
    model_problem: str | None = None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The flags of `gateway run` (config-and-cli §4); None means: as the config says.

    `on_ready` is called once, on the event loop, when the gateway serves; it must not block.
    """

    port: int | None = None
    bind: str | None = None
    auth: str | None = None
    tailscale: str | None = None
    token: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    verbose: bool = False
    on_ready: Callable[[Ready], None] | None = None
