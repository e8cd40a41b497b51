"""What methods that change a session answer with: its entry and the model that answers next. Source: protocol §12."""

from __future__ import annotations

from clawfleet.models.refs import parse_ref, split_pin
from clawfleet.rpc.call import Gateway
from clawfleet.rpc.registry import Result
from clawfleet.rpc.shapes import model_of
from clawfleet.sessions.model import Session


class SessionEntry(Result):
    """A session as it is kept."""

    session_id: str
    updated_at: int
    created_at: int
    created_via: str
    session_started_at: int | None = None
    last_interaction_at: int | None = None
    parent_session_key: str | None = None
    label: str | None = None
    category: str | None = None
    icon: str | None = None
    color: str | None = None
    provider_override: str | None = None
    model_override: str | None = None
    model_override_source: str | None = None
    thinking_level: str | None = None
    verbose_level: str | None = None
    reasoning_level: str | None = None
    archived_at: int | None = None
    pinned_at: int | None = None
    compaction_count: int
    input_tokens: int
    output_tokens: int
    total_tokens: int

    @classmethod
    def of(cls, session: Session) -> SessionEntry:
        """The entry of `session`."""
        choices = session.choices
        chosen = parse_ref(split_pin(choices.model)[0]) if choices.model else None
        return cls(
            session_id=session.session_id,
            updated_at=session.updated_at_ms,
            created_at=session.created_at_ms,
            created_via=session.created_via,
            session_started_at=session.started_at_ms,
            last_interaction_at=session.asked_at_ms,
            parent_session_key=session.parent_key,
            label=choices.label,
            category=choices.category,
            icon=choices.icon,
            color=choices.color,
            provider_override=chosen.provider if chosen else None,
            model_override=chosen.model if chosen else None,
            model_override_source="user" if chosen else None,
            thinking_level=choices.thinking,
            verbose_level=choices.verbose,
            reasoning_level=choices.reasoning,
            archived_at=session.archived_at_ms,
            pinned_at=session.pinned_at_ms,
            compaction_count=session.compactions,
            input_tokens=session.input_tokens,
            output_tokens=session.output_tokens,
            total_tokens=session.input_tokens + session.output_tokens,
        )


class ResolvedModel(Result):
    """The model that answers next in a session."""

    model_provider: str
    model: str
    runtime_selection_locked: bool = False

    @classmethod
    def of(cls, session: Session, gateway: Gateway) -> ResolvedModel:
        """That of `session`."""
        if session.choices.model:
            ref, _ = model_of(session, gateway)
        else:
            ref = gateway.models.catalog.default(session.agent_id)
        return cls(model_provider=ref.provider, model=ref.model)
