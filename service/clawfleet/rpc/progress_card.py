"""`progressCard.get`, `progressCard.put`: the card that says how far a session's work is. Source: protocol §12."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method
from clawfleet.sessions import cards

MOST_STEPS = 50
MOST_MARKDOWN = 8_192


class CardStep(Params):
    """One step of a plan."""

    step: str = Field(min_length=1)
    status: Literal["pending", "in_progress", "completed"]


class CardGetParams(Params):
    """Of which session."""

    session_key: str = Field(min_length=1)
    agent_id: str | None = None


class CardPutParams(CardGetParams):
    """What is to stand on it; nothing takes it away. `expected_revision` is the one that is replaced."""

    markdown: str = Field(default="", max_length=MOST_MARKDOWN)
    plan: list[CardStep] = Field(default_factory=list, max_length=MOST_STEPS)
    expected_revision: int | None = Field(default=None, ge=1)


class ShownStep(Result):
    """One step of a plan."""

    step: str
    status: str


class ProgressCard(Result):
    """A card."""

    session_key: str
    revision: int
    updated_at: int
    markdown: str | None = None
    steps: list[ShownStep] | None = None


class CardFound(Result):
    """The answer of both."""

    keeps_none: ClassVar[bool] = True

    card: ProgressCard | None

    @classmethod
    def of(cls, card: cards.Card | None) -> CardFound:
        """The wire form of `card`."""
        if card is None:
            return cls(card=None)
        steps = [ShownStep(step=each.step, status=each.status) for each in card.steps]
        return cls(
            card=ProgressCard(
                session_key=card.key,
                revision=card.revision,
                updated_at=card.updated_at_ms,
                markdown=card.markdown or None,
                steps=steps or None,
            )
        )


@method("progressCard.get", scope="operator.read")
async def get_progress_card(call: Call, params: CardGetParams) -> CardFound:
    """The card of a session; null when its agent wrote none."""
    key, _ = call.gateway.roster.locate(params.session_key, params.agent_id)
    return CardFound.of(await call.gateway.sessions.cards.get(key))


@method("progressCard.put", scope="operator.write")
async def put_progress_card(call: Call, params: CardPutParams) -> CardFound:
    """The card after it was replaced. Raises `CardChanged` when somebody else was first."""
    key, _ = call.gateway.roster.locate(params.session_key, params.agent_id)
    steps = tuple(cards.Step(each.step, each.status) for each in params.plan)
    written = await call.gateway.sessions.cards.put(key, params.markdown, steps, expected=params.expected_revision)
    return CardFound.of(written)
