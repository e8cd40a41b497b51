"""Which agent answers a message, by the operator's bindings: the most specific rule wins, then the earlier one. Pure.

Bindings choose who answers; they never let anybody in. Source: channels §2.9.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from clawfleet.config.models.bindings import Binding, BindingMatch, BindingPeer

ANY = "*"
DEFAULT_ACCOUNT = "default"

MatchedBy = Literal[
    "binding.peer",
    "binding.peer.parent",
    "binding.peer.wildcard",
    "binding.guild+roles",
    "binding.guild",
    "binding.team",
    "binding.account",
    "binding.channel",
    "default",
]


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a message came from. `peer_id` is the sender in a direct chat, else the group or room.

    `parent_id` is the room that a thread or topic hangs below; it inherits that room's bindings.
    """

    channel: str
    account: str
    chat_type: Literal["direct", "group", "channel"]
    peer_id: str
    parent_id: str | None = None
    guild_id: str | None = None
    team_id: str | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers, and by which rule; `binding` is None where the default agent does."""

    agent_id: str
    matched_by: MatchedBy
    binding: Binding | None = None


def pick_route(bindings: Sequence[Binding], whence: Whence, default: str) -> Route:
    """The route of a message; the agent `default` where no binding fits.

    The agent of a binding need not exist: whoever asks must not fall through to another one then.
    """
    fitting = [rule for rule in bindings if rule.type == "route" and _fits(rule.match, whence)]
    for matched_by, is_of_tier in _TIERS:
        for rule in fitting:
            if is_of_tier(rule.match, whence):
                return Route(rule.agent_id.strip().lower(), matched_by, rule)
    return Route(default, "default")


def _fits(match: BindingMatch, whence: Whence) -> bool:
    """Whether everything that the rule names, but for the peer's id, is so."""
    return (
        match.channel.strip().lower() == whence.channel
        and (match.account_id or DEFAULT_ACCOUNT) in (ANY, whence.account)
        and match.guild_id in (None, whence.guild_id)
        and match.team_id in (None, whence.team_id)
        and (not match.roles or bool(whence.roles.intersection(match.roles)))
        and (match.peer is None or _kind(match.peer.kind) == _kind(whence.chat_type))
    )


def _kind(kind: str) -> str:
    """Groups and rooms are one: platforms disagree on what to call them."""
    return "direct" if kind == "direct" else "group"


def _is_peer(match: BindingMatch, whence: Whence) -> bool:
    return match.peer is not None and _plain_id(match.peer) == whence.peer_id


def _is_parent(match: BindingMatch, whence: Whence) -> bool:
    return match.peer is not None and whence.parent_id is not None and _plain_id(match.peer) == whence.parent_id


def _is_any_peer(match: BindingMatch, _: Whence) -> bool:
    return match.peer is not None and match.peer.id == ANY


def _is_guild_role(match: BindingMatch, _: Whence) -> bool:
    return match.peer is None and match.guild_id is not None and bool(match.roles)


def _is_guild(match: BindingMatch, _: Whence) -> bool:
    return match.peer is None and match.guild_id is not None and not match.roles


def _is_team(match: BindingMatch, _: Whence) -> bool:
    return match.peer is None and match.guild_id is None and match.team_id is not None


def _is_account(match: BindingMatch, _: Whence) -> bool:
    return _is_bare(match) and match.account_id != ANY


def _is_channel(match: BindingMatch, _: Whence) -> bool:
    return _is_bare(match) and match.account_id == ANY


def _is_bare(match: BindingMatch) -> bool:
    return match.peer is None and match.guild_id is None and match.team_id is None


_TIERS: tuple[tuple[MatchedBy, Callable[[BindingMatch, Whence], bool]], ...] = (
    ("binding.peer", _is_peer),
    ("binding.peer.parent", _is_parent),
    ("binding.peer.wildcard", _is_any_peer),
    ("binding.guild+roles", _is_guild_role),
    ("binding.guild", _is_guild),
    ("binding.team", _is_team),
    ("binding.account", _is_account),
    ("binding.channel", _is_channel),
)


def _plain_id(peer: BindingPeer) -> str:
    """The id without the kind that people write before it: `channel:C1`, `user:U1`."""
    for prefix in ("channel:", "group:", "user:", "direct:", "dm:"):
        if peer.id.startswith(prefix):
            return peer.id.removeprefix(prefix)
    return peer.id
