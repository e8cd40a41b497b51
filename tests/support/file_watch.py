"""Sees every file that is opened, changed, made or removed below some directories, by whichever process (Linux)."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

WORDS = {
    0x00000002: "modify",
    0x00000004: "attrib",
    0x00000020: "open",
    0x00000040: "moved from",
    0x00000080: "moved to",
    0x00000100: "create",
    0x00000200: "delete",
}
_NONBLOCK = 0o4000
_HEAD = struct.Struct("iIII")


class FileWatch:
    """Use as a context; `seen()` are the events since the last call, as `word path`."""

    def __init__(self, roots: Iterable[Path], *, ignores: Callable[[Path], bool] = lambda _: False) -> None:
        self._roots = list(roots)
        self._ignores = ignores
        self._names: dict[int, Path] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._handle = -1

    def __enter__(self) -> Self:
        self._handle = self._libc.inotify_init1(_NONBLOCK)
        for root in self._roots:
            for place in (root, *(path for path in root.rglob("*") if path.is_dir() and not path.is_symlink())):
                if not self._ignores(place):
                    self._add(place)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        os.close(self._handle)

    def seen(self) -> list[str]:
        """What happened, in order. What lies in directories made after the start is not seen, their making is."""
        found: list[str] = []
        while data := self._read():
            position = 0
            while position < len(data):
                watch, mask, _, size = _HEAD.unpack_from(data, position)
                position += _HEAD.size
                name = data[position : position + size].rstrip(b"\0").decode()
                position += size
                path = self._names.get(watch, Path()) / name
                words = [word for bit, word in WORDS.items() if mask & bit]
                if words and not self._ignores(path):
                    found.append(f"{'+'.join(words)} {path}")
        return found

    def _add(self, place: Path) -> None:
        watch = self._libc.inotify_add_watch(self._handle, os.fsencode(place), sum(WORDS))
        if watch < 0:
            raise OSError(ctypes.get_errno(), f"cannot watch {place}")
        self._names[watch] = place

    def _read(self) -> bytes:
        try:
            return os.read(self._handle, 1 << 16)
        except BlockingIOError:
            return b""
