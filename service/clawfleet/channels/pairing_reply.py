"""What a stranger is told. People and scripts match on the wording, so it never changes. Source: channels §2.3."""

from __future__ import annotations

from clawfleet.channels.registry import CHANNELS

APPROVED_TEXT = "✅ OpenClaw access approved. Send a message to start chatting."


def command(profile: str | None) -> str:
    """How this instance's command line begins."""
    return f"openclaw --profile {profile}" if profile else "openclaw"


def pairing_reply(channel: str, sender_id: str, code: str, profile: str | None = None) -> str:
    """The answer to a stranger, as Markdown: who they are to us, their code, and how the owner lets them in."""
    return (
        "OpenClaw: access not configured.\n"
        "\n"
        f"Your {CHANNELS[channel].sender_id}: {sender_id}\n"
        "Pairing code:\n"
        f"```\n{code}\n```\n"
        "Ask the bot owner to approve with:\n"
        f"```\n{command(profile)} pairing approve {channel} {code}\n```"
    )
