"""Messaging channels: tokens that are missing, and rules that let strangers command the agent."""

from __future__ import annotations

from collections.abc import Iterator

from clawfleet.channels.registry import accounts_of
from clawfleet.cli.checks.finding import Finding
from clawfleet.cli.checks.scene import Scene
from clawfleet.config.models.root import Config


def tokens(scene: Scene) -> Iterator[Finding]:
    """Accounts that are switched on and cannot connect."""
    assert scene.snapshot is not None
    for account in accounts_of(scene.instance, scene.snapshot):
        if account.enabled and account.problem:
            yield Finding(
                "channels.token_unusable",
                "error",
                account.problem,
                f"channels.{account.channel}",
                fix="openclaw secrets set TELEGRAM_BOT_TOKEN" if account.channel == "telegram" else "",
            )


def openness(scene: Scene) -> Iterator[Finding]:
    """Rules by which people whom nobody approved reach an agent that runs commands on this host."""
    assert scene.snapshot is not None
    yield from judge_openness(scene.snapshot.config)


def judge_openness(config: Config) -> Iterator[Finding]:
    """Findings on who may write to the agents of one config."""
    telegram = config.channels.telegram
    if telegram is None or not telegram.enabled:
        return
    key = "channels.telegram"
    if telegram.group_policy == "open":
        yield Finding(
            f"{key}.groups.open",
            "error" if _runs_on_host(config) else "warning",
            "Every member of every group that the bot is in may command the agent.",
            f"{key}.groupPolicy",
            fix=f"openclaw config set {key}.groupPolicy allowlist",
        )
    if "*" in telegram.group_allow_from:
        text = "Everybody in the groups that are heard may command the agent."
        yield Finding(
            f"{key}.groups.allowFrom.wildcard", "warning", text, f"{key}.groupAllowFrom", fix="name the senders' ids"
        )
    if telegram.dm_policy == "open" and "*" in telegram.allow_from and _runs_on_host(config):
        yield Finding(
            "security.exposure.open_channels_with_exec",
            "error",
            "Strangers may write to an agent whose commands run on this host.",
            f"{key}.dmPolicy",
            evidence="tools.exec is on offer, agents.defaults.sandbox.mode is off",
            fix=f"openclaw config set {key}.dmPolicy pairing, or agents.defaults.sandbox.mode all",
        )
    odd = [name for name in telegram.allow_from if name != "*" and not name.lstrip("-").isdigit()]
    if odd:
        yield Finding(
            f"{key}.allowFrom.invalid_entries",
            "warning",
            f"Telegram knows people by number; these never match: {', '.join(odd[:5])}",
            f"{key}.allowFrom",
            fix="write numeric Telegram user ids",
        )


def _runs_on_host(config: Config) -> bool:
    is_denied = any(rule in ("exec", "*", "group:runtime") for rule in config.tools.deny)
    return (
        config.agents.defaults.sandbox.mode == "off"
        and not is_denied
        and config.tools.profile in (None, "full", "coding")
    )
