"""The program: scripts of the recipes, the release, the command for people."""

from __future__ import annotations

from pyinfra import host

from facts.placed import LinkTarget, PlacedFile
from layout import COMMAND, RELEASES, REMOTE, ROOT, SCRIPTS
from operations.placed import owned_directory, placed_scripts, switched_link
from operations.releases import installed_release
from wheelhouse import Wheelhouse


def place_scripts() -> None:
    """The scripts of the recipes, and where releases go."""
    for path in (ROOT, RELEASES, SCRIPTS):
        owned_directory(name=f"directory {path}", path=path, owner="root", mode="755")
    texts = {script.name: script.read_text(encoding="utf-8") for script in sorted(REMOTE.glob("*.py"))}
    placed_scripts(name=f"scripts {SCRIPTS}", directory=SCRIPTS, texts=texts)


def install_release(wheelhouse: Wheelhouse) -> None:
    """What root owns and gateways only read."""
    installed_release(name=f"release {wheelhouse.release}", wheelhouse=wheelhouse, directory=wheelhouse.directory)


def install_command(wheelhouse: Wheelhouse) -> None:
    """The command for people, of a release that its gateways have proven good."""
    if command_is_ours():
        program = f"{RELEASES}/{wheelhouse.release}/bin/openclaw"
        switched_link(name=f"command {COMMAND}", path=COMMAND, target=program)


def command_is_ours() -> bool:
    """Whether the command is missing or was put there by these recipes; another program of that name is left alone."""
    link = host.get_fact(LinkTarget, path=COMMAND)
    if link is not None:
        return bool(link.startswith(f"{RELEASES}/"))
    return host.get_fact(PlacedFile, path=COMMAND, owner="root") is None
