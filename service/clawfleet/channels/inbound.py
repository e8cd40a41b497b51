"""What happens to a message that came in: refused, answered with a pairing code, or accepted durably for an agent."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from clawfleet.access.pairing import PairingStore
from clawfleet.channels.base import Envelope, Outbound, Sent
from clawfleet.channels.pairing_reply import pairing_reply
from clawfleet.channels.replies import Delivery
from clawfleet.config.env import Instance
from clawfleet.config.models.root import Config
from clawfleet.config.models.session import DmScope
from clawfleet.core.errors import ChannelError, RequestError
from clawfleet.core.requester import Requester
from clawfleet.routing.access_rules import AccessRules, access_rules
from clawfleet.routing.bindings import Route, Whence, pick_route
from clawfleet.routing.dm import Decision, decide
from clawfleet.routing.groups import NOT_MENTIONED, decide_group
from clawfleet.routing.roster import Roster
from clawfleet.routing.session_keys import Origin, session_key

log = logging.getLogger("clawfleet.channels")

Send = Callable[[str, str, Outbound], Awaitable[Sent]]
"""(channel, account, message); `Supervisor.send`."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that an agent is to answer. The same `idempotency_key` is always the same message."""

    session_key: str
    agent_id: str
    text: str
    idempotency_key: str
    delivery: Delivery
    requester: Requester


Accept = Callable[[Accepted], Awaitable[None]]
"""Keeps the message; it is on disk when this returns. Raises `RequestError` for one that can never be kept."""


class Inbound:
    """The way in, the same for every channel.

    `config` gives the config of this moment, so that a changed policy holds from the next message on.
    """

    def __init__(
        self,
        config: Callable[[], Config],
        *,
        instance: Instance,
        pairing: PairingStore,
        send: Send,
        accept: Accept,
    ) -> None:
        self._config = config
        self._instance = instance
        self._pairing = pairing
        self._send = send
        self._accept = accept

    async def deliver(self, envelope: Envelope) -> None:
        """Deal with one message; when this returns, the platform may forget it.

        Raises `GatewayError` when the message could not be kept: it must come again.
        """
        decision = await self._decide(envelope, self._rules(envelope.channel))
        if decision.verdict == "pair":
            await self._pair(envelope)
        elif decision.verdict == "drop":
            _log_dropped(envelope, decision.reason)
        else:
            await self._hand_on(envelope)

    async def _decide(self, envelope: Envelope, rules: AccessRules) -> Decision:
        if envelope.chat_type != "direct":
            return decide_group(rules.groups, envelope.chat_id, envelope.sender_id, mentioned=envelope.was_mentioned)
        approved = await self._pairing.approved_ids(envelope.channel, envelope.account)
        return decide(rules.dm_policy, rules.allow_from, approved, envelope.sender_id)

    async def _pair(self, envelope: Envelope) -> None:
        """Give a stranger a code, once. More strangers than may wait get nothing."""
        request = await self._pairing.request(
            envelope.channel, envelope.account, envelope.sender_id, envelope.sender_meta
        )
        if request is None:
            log.info("too many pairing requests wait on %s; sender %s got none", envelope.channel, envelope.sender_id)
            return
        if request.answered:
            return
        text = pairing_reply(envelope.channel, envelope.sender_id, request.code, self._instance.profile)
        try:
            await self._send(
                envelope.channel, envelope.account, Outbound(envelope.chat_id, text, thread_id=envelope.thread_id)
            )
        except ChannelError as error:
            log.warning("pairing reply to %s sender %s not sent: %s", envelope.channel, envelope.sender_id, error)
            return  # the next message of this sender tries again
        await self._pairing.mark_answered(request)
        log.info("%s sender %s asks for access; see `pairing list`", envelope.channel, envelope.sender_id)

    async def _hand_on(self, envelope: Envelope) -> None:
        config = self._config()
        roster = Roster.of(config, self._instance.workspace)
        route = pick_route(config.bindings, _whence(envelope), roster.default_id)
        if route.agent_id not in roster.agents:
            log.error("a binding sends %s to the agent %s, which is not there", _whence_words(envelope), route.agent_id)
            return  # another agent must not hear what was meant for this one
        origin = Origin(envelope.channel, envelope.account, envelope.chat_type, _peer(envelope), envelope.thread_id)
        accepted = Accepted(
            session_key=session_key(route.agent_id, origin, _dm_scope(route, config)),
            agent_id=route.agent_id,
            text=envelope.text,
            idempotency_key=":".join((envelope.channel, envelope.account, envelope.chat_id, envelope.message_id)),
            delivery=Delivery(
                envelope.channel, envelope.account, envelope.chat_id, envelope.thread_id, envelope.message_id
            ),
            requester=_requester(envelope, config.commands.owner_allow_from),
        )
        try:
            await self._accept(accepted)
        except RequestError as error:  # asking again would fail again and hold up every later message
            log.error("message %s cannot be accepted and is dropped: %s", accepted.idempotency_key, error)

    def _rules(self, channel: str) -> AccessRules:
        section = getattr(self._config().channels, channel)
        return AccessRules() if section is None else access_rules(channel, section)


def _requester(envelope: Envelope, owners: Collection[str]) -> Requester:
    """Who asks. Owners, named as `channel:id`, may answer approvals too."""
    is_owner = f"{envelope.channel}:{envelope.sender_id}".lower() in {owner.strip().lower() for owner in owners}
    return Requester(
        envelope.channel,
        account=envelope.account,
        chat_type=envelope.chat_type,
        chat_id=envelope.chat_id,
        sender_id=envelope.sender_id,
        name=envelope.sender_name,
        username=envelope.sender_username,
        is_owner=is_owner,
        may_approve=is_owner,
    )


def _peer(envelope: Envelope) -> str:
    return envelope.sender_id if envelope.chat_type == "direct" else envelope.chat_id


def _whence(envelope: Envelope) -> Whence:
    """What bindings go by. A topic is a peer of its own, below its group."""
    peer = _peer(envelope)
    is_topic = envelope.chat_type != "direct" and envelope.thread_id is not None
    return Whence(
        envelope.channel,
        envelope.account,
        envelope.chat_type,
        f"{peer}:topic:{envelope.thread_id}" if is_topic else peer,
        parent_id=peer if is_topic else None,
        guild_id=envelope.guild_id,
        team_id=envelope.team_id,
        roles=envelope.sender_roles,
    )


def _whence_words(envelope: Envelope) -> str:
    return f"{envelope.channel} {envelope.account} {envelope.chat_type} {_peer(envelope)}"


def _dm_scope(route: Route, config: Config) -> DmScope:
    own = route.binding.session.dm_scope if route.binding else None
    return own or config.session.dm_scope


def _log_dropped(envelope: Envelope, reason: str) -> None:
    if envelope.chat_type == "direct":
        log.info("Blocked unauthorized %s sender %s (%s)", envelope.channel, envelope.sender_id, reason)
    elif reason != NOT_MENTIONED:
        log.info("Blocked %s group message (%s)", envelope.channel, reason)
