"""Logging as it was before: for tests of code that sets the process's logging up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def logging_as_it_was() -> Iterator[None]:
    """Inside, the root logger has no handlers; afterwards handlers and levels are the old ones."""
    root, own = logging.getLogger(), logging.getLogger("clawfleet")
    handlers, levels = list(root.handlers), (root.level, own.level)
    for handler in handlers:
        root.removeHandler(handler)
    yield
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(levels[0])
    own.setLevel(levels[1])
