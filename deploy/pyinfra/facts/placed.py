"""Files and directories that the recipes place."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from pyinfra.api import FactBase

from shell import as_user, sha256_words, stat_words


@dataclass(frozen=True, slots=True)
class FileState:
    """A regular file as it is: octal mode, owner's name, sha256 of its bytes (hex)."""

    mode: str
    owner: str
    sha256: str


class PlacedFile(FactBase[FileState | None]):
    """The file at `path` as its owner sees it; None when it is missing, a link, or no file."""

    def command(self, path: str, owner: str) -> str:
        quoted = shlex.quote(path)
        look = f"[ -f {quoted} ] && [ ! -L {quoted} ] && {stat_words()} {quoted} && {sha256_words()} < {quoted}"
        return f"{as_user(owner, look)} 2>/dev/null || true"

    def process(self, output: list[str]) -> FileState | None:
        if len(output) != 2:
            return None
        mode, _, owner = output[0].partition(" ")
        return FileState(mode, owner, output[1].split()[0])


class PlacedDirectory(FactBase[str | None]):
    """`<octal mode> <owner>` of the directory at `path`; None when it is missing, a link, or no directory."""

    def command(self, path: str) -> str:
        quoted = shlex.quote(path)
        return f"[ -d {quoted} ] && [ ! -L {quoted} ] && {stat_words()} {quoted} || true"

    def process(self, output: list[str]) -> str | None:
        return output[0] if output else None


class LinkTarget(FactBase[str | None]):
    """Where the link at `path` points; None when there is no link."""

    def command(self, path: str) -> str:
        return f"readlink {shlex.quote(path)} || true"

    def process(self, output: list[str]) -> str | None:
        return output[0] if output else None


class ScriptHashes(FactBase[dict[str, str]]):
    """File name → sha256 of every script that its owner alone may write in a directory."""

    def command(self, directory: str, owner: str) -> str:
        find = f"find {shlex.quote(directory)} -maxdepth 1 -name '*.py' -user {owner} ! -perm -020 ! -perm -002 -type f"
        return f"{find} -exec {sha256_words()} {{}} + 2>/dev/null || true"

    @staticmethod
    def default() -> dict[str, str]:
        return {}

    def process(self, output: list[str]) -> dict[str, str]:
        pairs = (line.split(maxsplit=1) for line in output)
        return {path.rpartition("/")[2]: digest for digest, path in pairs}
