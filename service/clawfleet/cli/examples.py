"""Command lines to copy, for the help of commands that bring none of their own. Data only."""

from __future__ import annotations

from collections.abc import Mapping

import click

EXAMPLES: Mapping[str, str] = {
    "agent": "agent --message 'What is on my list?' --agent main",
    "agents add": "agents add coding --model openai/gpt-5.4 --bind telegram:ops",
    "agents bindings": "agents bindings --agent coding",
    "agents delete": "agents delete coding --force",
    "agents list": "agents list --bindings",
    "backup verify": "backup verify openclaw-backup.tar.gz",
    "channels list": "channels list --all",
    "channels login": "channels login --channel telegram",
    "config file": "config file --json",
    "config get": "config get gateway.port",
    "config patch": "config patch --file changes.json5 --dry-run",
    "config plan": "config plan",
    "config restore": "config restore --from last-good",
    "config schema": "config schema > openclaw.schema.json",
    "config set": "config set gateway.port 18900",
    "config unset": "config unset tools.allow",
    "config validate": "config validate --json",
    "cron list": "cron list --all",
    "cron status": "cron status --json",
    "daemon restart": "daemon restart",
    "daemon start": "daemon start",
    "daemon status": "daemon status --deep",
    "daemon stop": "daemon stop",
    "daemon uninstall": "daemon uninstall",
    "dashboard": "dashboard --no-open",
    "devices approve": "devices approve --latest",
    "devices clear": "devices clear --yes --pending",
    "devices list": "devices list --json",
    "devices reject": "devices reject <requestId>",
    "devices remove": "devices remove <deviceId>",
    "devices rename": "devices rename --device <deviceId> --name laptop",
    "devices revoke": "devices revoke --device <deviceId> --role operator",
    "devices rotate": "devices rotate --device <deviceId> --role operator",
    "gateway call": "gateway call sessions.list --params '{\"limit\": 5}' --json",
    "gateway health": "gateway health",
    "gateway probe": "gateway probe --json",
    "gateway restart": "gateway restart --safe",
    "gateway run": "gateway run --port 18900 --verbose",
    "gateway schema": "gateway schema > protocol.json",
    "gateway start": "gateway start",
    "gateway status": "gateway status --deep --require-rpc",
    "gateway stop": "gateway stop",
    "gateway takeover": "gateway takeover",
    "gateway uninstall": "gateway uninstall",
    "health": "health --json",
    "models aliases add": "models aliases add fast openai/gpt-5.4-mini",
    "models aliases list": "models aliases list --json",
    "models aliases remove": "models aliases remove fast",
    "models auth add": "models auth add",
    "models auth list": "models auth list",
    "models auth logout": "models auth logout --provider openai",
    "models auth order clear": "models auth order clear --provider openai",
    "models auth order get": "models auth order get --provider openai",
    "models auth order set": "models auth order set --provider openai openai:work openai:home",
    "models auth remove": "models auth remove openai:work",
    "models fallbacks add": "models fallbacks add openrouter/auto",
    "models fallbacks clear": "models fallbacks clear",
    "models fallbacks list": "models fallbacks list --plain",
    "models fallbacks remove": "models fallbacks remove openrouter/auto",
    "models image-fallbacks add": "models image-fallbacks add openrouter/auto",
    "models image-fallbacks clear": "models image-fallbacks clear",
    "models image-fallbacks list": "models image-fallbacks list --plain",
    "models image-fallbacks remove": "models image-fallbacks remove openrouter/auto",
    "models set-image": "models set-image openai/gpt-5.4",
    "pairing approve": "pairing approve telegram ABCD2345 --notify",
    "pairing list": "pairing list telegram --json",
    "sandbox list": "sandbox list",
    "secrets reload": "secrets reload",
    "sessions list": "sessions list --active 60",
    "skills list": "skills list --eligible",
    "system presence": "system presence",
}


def give_example(path: str, command: click.Command) -> None:
    """Put the example of the command at `path` (without `openclaw`) below its help, and those of what is below it."""
    if command.epilog is None and path in EXAMPLES:
        command.epilog = f"\b\nExample:\n  openclaw {EXAMPLES[path]}"
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            give_example(f"{path} {name}", below)
