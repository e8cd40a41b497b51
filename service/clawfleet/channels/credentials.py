"""Taking a channel's credentials out of the config: what logging out means for a platform that knows tokens only."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clawfleet.channels.registry import CHANNELS
from clawfleet.config.change import Edit, Planned, carry_out, plan_edits
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.config.path import KeyPath, look_up
from clawfleet.config.read import expanded

Check = Callable[[Snapshot], None]
"""Raises what stands in the way of running with a config."""


def forget_credentials(instance: Instance, channel: str, check: Check | None = None) -> bool:
    """Whether the config held credentials of `channel`; they are gone now, and the rest of the files is as it was.

    Blocks on the disk. Raises what `carry_out`, `plan_edits` and `check` raise; then nothing has changed.
    """

    def plan(old: str | None) -> Planned:
        source = expanded(instance, old or "{}")
        paths: list[KeyPath] = [("channels", channel, key) for key in CHANNELS[channel].credentials]
        planned = plan_edits(instance, old, [Edit(path, removes=True) for path in paths if _stands(source, path)])
        if check is not None and planned.after is not None:
            check(planned.after)
        return planned

    return instance.config_path.exists() and carry_out(instance, plan)[0]


def _stands(source: Mapping[str, object], path: KeyPath) -> bool:
    try:
        look_up(source, path)
    except KeyError:
        return False
    return True
