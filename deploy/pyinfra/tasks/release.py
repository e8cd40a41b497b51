"""The program: scripts of the recipes, the release, the command for people."""

from __future__ import annotations

from pyinfra import host

from facts.placed import LinkTarget, PlacedFile
from layout import REMOTE, Places
from operations.placed import owned_directory, placed_scripts, switched_link
from operations.releases import installed_release
from wheelhouse import Wheelhouse


def place_scripts(places: Places) -> None:
    """The scripts of the recipes, and where releases go."""
    for path in (places.root, places.releases, places.scripts):
        owned_directory(name=f"directory {path}", path=path, owner=places.owner, mode="755")
    texts = {script.name: script.read_text(encoding="utf-8") for script in sorted(REMOTE.glob("*.py"))}
    placed_scripts(name=f"scripts {places.scripts}", directory=places.scripts, texts=texts, owner=places.owner)


def install_release(wheelhouse: Wheelhouse, places: Places) -> None:
    """What gateways only read."""
    name = f"release {wheelhouse.release}"
    installed_release(name=name, wheelhouse=wheelhouse, directory=wheelhouse.directory, places=places)


def install_command(wheelhouse: Wheelhouse, places: Places) -> None:
    """The command for people, of a release that its gateways have proven good."""
    if command_is_ours(places):
        program = f"{places.release(wheelhouse.release)}/bin/openclaw"
        switched_link(name=f"command {places.command}", path=places.command, target=program)


def command_is_ours(places: Places) -> bool:
    """Whether the command is missing or was put there by these recipes; another program of that name is left alone."""
    link = host.get_fact(LinkTarget, path=places.command)
    if link is not None:
        return bool(link.startswith(f"{places.releases}/"))
    return host.get_fact(PlacedFile, path=places.command, owner=places.owner) is None
