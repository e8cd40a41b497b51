"""Model refs, `provider/model`: how they are written and read. Pure. Source: models-and-auth §2.1."""

from __future__ import annotations

from dataclasses import dataclass

from clawfleet.config.provider_ids import provider_id


@dataclass(frozen=True, slots=True, order=True)
class ModelRef:
    """One model of one provider. An empty provider marks a name that nobody could place."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}" if self.provider else self.model


def parse_ref(text: str) -> ModelRef | None:
    """The ref that `text` spells; None when it names no provider or no model.

    Only the first `/` separates: model ids may hold more of them. Provider ids are caseless, model ids are not.
    """
    provider, slash, model = text.strip().partition("/")
    provider, model = provider_id(provider), model.strip()
    return ModelRef(provider, model) if slash and provider and model else None
