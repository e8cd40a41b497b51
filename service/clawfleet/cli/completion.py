"""`openclaw completion`: the script that completes this command line in a shell, printed or installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

import click

from clawfleet.cli.completion_profile import with_block
from clawfleet.cli.completion_scripts import Shell, script, tree
from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json
from clawfleet.core.errors import HostError, RequestError
from clawfleet.store.files import private_dir, write_private

if TYPE_CHECKING:
    from clawfleet.config.env import Instance

SHELLS: tuple[Shell, ...] = get_args(Shell)
FOLDER = "completions"


class WhichShell(RequestError):
    """The shell is neither named nor told by $SHELL."""

    code = "SHELL_UNKNOWN"


class NotInstalled(HostError):
    """A file could not be written."""

    code = "COMPLETION_NOT_INSTALLED"


@click.command(
    "completion",
    epilog="""\b
Examples:
  openclaw completion --install                      for the shell you use
  source <(openclaw completion --shell bash)         for this shell only""",
)
@click.option("--shell", "-s", type=click.Choice(SHELLS), help="Unset: what $SHELL says.")
@click.option("--install", "-i", is_flag=True, help="Write it where the shell loads it from.")
@click.option("--yes", "-y", is_flag=True, help="Accepted; nothing is asked.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
@pass_cli
def command(
    cli: CliContext, context: click.Context, *, shell: str | None, install: bool, yes: bool, as_json: bool
) -> None:
    """Print the completion script of a shell, or install it."""
    chosen = cast("Shell", shell) if shell else _own_shell(cli.instance)
    text = script(chosen, tree(cast("click.Group", context.find_root().command)))
    if not install:
        print_json({"ok": True, "shell": chosen, "script": text}) if as_json else click.echo(text, nl=False)
        return
    changed = install_script(cli.instance, chosen, text)
    if as_json:
        print_json({"ok": True, "shell": chosen, "changed": [str(file) for file in changed]})
    elif changed:
        click.echo(f"Installed for {chosen}: {', '.join(cli.instance.shown(file) for file in changed)}")
        click.echo("A new shell completes `openclaw` with the Tab key.")
    else:
        click.echo("No change")


def install_script(instance: Instance, shell: Shell, text: str) -> list[Path]:
    """Write the script, and the line that loads it; the files that changed. Raises NotInstalled."""
    changed = []
    try:
        file = script_file(instance, shell)
        if _replace(file, text):
            changed.append(file)
        if (profile := profile_file(instance, shell)) is not None:
            old = profile.read_text(encoding="utf-8") if profile.exists() else ""
            if _replace(profile, with_block(old, str(file))):
                changed.append(profile)
    except (OSError, UnicodeDecodeError) as error:
        hint = "load it by hand: source <(openclaw completion --shell bash)"
        raise NotInstalled(f"cannot install the completion: {error}", hint=hint) from error
    return changed


def script_file(instance: Instance, shell: Shell) -> Path:
    """Where the script is kept: for fish where it looks by itself, else in the state directory."""
    if shell == "fish":
        base = instance.environ.get("XDG_CONFIG_HOME") or instance.home / ".config"
        return Path(base) / "fish" / "completions" / "openclaw.fish"
    return instance.state_dir / FOLDER / f"openclaw.{shell}"


def profile_file(instance: Instance, shell: Shell) -> Path | None:
    """The start-up file that has to load it; None where the shell looks by itself."""
    home = instance.home
    if shell == "fish":
        return None
    if shell == "zsh":
        return Path(instance.environ.get("ZDOTDIR") or home) / ".zshrc"
    names = (".bashrc", ".bash_profile")
    return next((home / name for name in names if (home / name).exists()), home / names[0])


def _replace(file: Path, text: str) -> bool:
    target = file.resolve()  # a linked start-up file is changed where it is
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    if not target.parent.exists():
        private_dir(target.parent)
    write_private(target, text, like=target if target.exists() else target.parent)
    target.chmod(mode)
    return True


def _own_shell(instance: Instance) -> Shell:
    name = Path(instance.environ.get("SHELL", "")).name
    for shell in SHELLS:
        if shell == name:
            return shell
    raise WhichShell("Which shell?", hint=f"openclaw completion --shell {'|'.join(SHELLS)}")
