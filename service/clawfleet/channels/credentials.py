"""Taking a channel's credentials out of the config: what logging out means for a platform that knows tokens only."""

from __future__ import annotations

from collections.abc import Callable

from clawfleet.channels.registry import CHANNELS
from clawfleet.config.change import plan_unset
from clawfleet.config.env import Instance
from clawfleet.config.load import Snapshot
from clawfleet.config.path import look_up
from clawfleet.config.read import parse_text
from clawfleet.config.write import change_file
from clawfleet.core.errors import ConfigError

Check = Callable[[Snapshot], None]
"""Raises what stands in the way of running with a config."""


def forget_credentials(instance: Instance, channel: str, check: Check | None = None) -> bool:
    """Whether the config held credentials of `channel`; they are gone now, and the rest of the file is as it was.

    Blocks on the disk. Raises what `change_file`, `plan_unset` and `check` raise; then nothing has changed.
    """

    def change(old: str | None) -> str:
        text = old or ""
        for key in CHANNELS[channel].credentials:
            path = ("channels", channel, key)
            if old is not None and _stands(instance, text, path):
                planned = plan_unset(instance, text, path)
                text = planned.text
                if check is not None and planned.after is not None:
                    check(planned.after)
        return text

    if not instance.config_path.exists():
        return False
    return change_file(instance.config_path, instance.environ, change)


def _stands(instance: Instance, text: str, path: tuple[str, ...]) -> bool:
    try:
        look_up(parse_text(text, instance.config_path), path)
    except (KeyError, ConfigError):
        return False
    return True
