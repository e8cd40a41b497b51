"""What `gateway run` prints when the gateway serves: where it is, what answers, and what to type next. Pure."""

from __future__ import annotations

import io
from dataclasses import dataclass

from clawfleet.runtime.options import Ready


@dataclass(frozen=True, slots=True)
class Typed:
    """How this instance is addressed on a command line: `openclaw`, or with a path, a profile or a variable before."""

    openclaw: str
    env_file: str


def panel(ready: Ready, typed: Typed, *, width: int | None = None, signs_in: bool = False) -> str:
    """The panel as text, ending in a newline: plain rows, or a frame of `width` columns for a terminal.

    The token is in it only with `signs_in`: what is no terminal may be a log that is kept.
    """
    address = dashboard_url(ready) if signs_in else ready.url
    commands = _next(ready, typed)
    if ready.token and not signs_in:
        commands.append(f"  {typed.openclaw} dashboard --no-open   # the address that signs a browser in")
    plain = "\n".join([*_facts(ready, address), "", "Next, in another terminal:", *commands])
    return _framed(plain, width) if width else f"Gateway ready\n{plain}\n"


def dashboard_url(ready: Ready) -> str:
    """The address that signs a browser in."""
    return f"{ready.url}#token={ready.token}" if ready.token else ready.url


def _facts(ready: Ready, address: str) -> list[str]:
    config = str(ready.config_path) if ready.config_exists else f"built-in ({ready.config_path} does not exist)"
    demo = " (built-in demo, answers without a key)" if ready.is_demo else ""
    problem = f" (cannot answer: {ready.model_problem})" if ready.model_problem else ""
    rows = {
        "Dashboard": address,
        "Model": f"{ready.model}{demo}{problem}",
        "State dir": str(ready.state_dir),
        "Config": config,
        "Log file": str(ready.log_file),
    }
    return [f"{name + ':':<11}{value}" for name, value in rows.items()]


def _next(ready: Ready, typed: Typed) -> list[str]:
    rows = [f"  {typed.openclaw} agent --message hello", f"  {typed.openclaw} gateway status"]
    if ready.is_demo:
        return [
            *rows,
            f"  echo 'OPENAI_API_KEY=…' >> {typed.env_file}   # a real model, after a restart",
        ]
    return [*rows, f"  {typed.openclaw} logs --follow"]


def _framed(text: str, width: int) -> str:
    # Long URLs and paths must stay copyable, so the frame has no sides.
    from rich.console import Console
    from rich.rule import Rule

    console = Console(file=io.StringIO(), force_terminal=True, width=width, highlight=False, soft_wrap=True)
    console.print(Rule("🦞 Gateway ready", style="green"))
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and value.startswith(" ") and not line.startswith(" "):
            console.print(f"[bold]{name}:[/bold]", end="")
            console.print(value, markup=False)
        else:
            console.print(line, markup=False, style="cyan" if line.startswith("  ") else None)
    console.print(Rule(style="green"))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
