"""Names for running commands that a model can repeat without a slip: two words."""

from __future__ import annotations

import random
from collections.abc import Container

FIRST = (
    *("amber", "brisk", "calm", "clear", "cool", "crisp", "dawn", "deep", "early", "fair", "fast", "fine", "fresh"),
    *("gentle", "glad", "grand", "green", "keen", "kind", "late", "light", "lucky", "mild", "neat", "noble", "plain"),
    *("proud", "quick", "quiet", "rapid", "sharp", "silent", "silver", "smooth", "solid", "still", "sunny", "swift"),
    *("tidal", "vivid", "warm", "wild", "wise", "young"),
)
SECOND = (
    *("ash", "basin", "bay", "beach", "birch", "breeze", "brook", "canyon", "cedar", "cliff", "cloud", "coral", "cove"),
    *("creek", "delta", "dune", "falcon", "fern", "field", "finch", "fjord", "forest", "glade", "grove", "harbor"),
    *("heron", "hill", "island", "lagoon", "lake", "lark", "maple", "marsh", "meadow", "mesa", "oak", "otter", "pine"),
    *("reef", "ridge", "river", "shore", "spruce", "stone", "summit", "tide", "valley", "willow"),
)


def new_slug(taken: Container[str]) -> str:
    """Two words that are not in `taken`; a number behind them when words run out."""
    for attempt in range(100):
        words = f"{random.choice(FIRST)}-{random.choice(SECOND)}"  # noqa: S311 - a name, not a secret
        slug = words if attempt < 20 else f"{words}-{random.randrange(2, 10_000)}"  # noqa: S311
        if slug not in taken:
            return slug
    raise AssertionError("as many commands at once as there are names")
