"""Model refs, `provider/model`: how they are written and read. Pure. Source: models-and-auth §2.1."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clawfleet.config.provider_ids import provider_id


@dataclass(frozen=True, slots=True, order=True)
class ModelRef:
    """One model of one provider. An empty provider marks a name that nobody could place."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}" if self.provider else self.model


_NO_PROFILE = re.compile(r"\d{8}|(i?q\d[a-z0-9_]*|\d+bit)", re.IGNORECASE)


def split_pin(text: str) -> tuple[str, str | None]:
    """(ref or alias, auth profile) of `ref@profile`; None when no profile is named.

    An `@` before the last `/` separates nothing, nor does one before a date or a name of a quantisation.
    """
    text = text.strip()
    start = text.rfind("/") + 1
    at = text.find("@", start)
    while at > start and _NO_PROFILE.fullmatch(text[at + 1 :].partition("@")[0]):
        at = text.find("@", at + 1)
    if at <= start or at + 1 == len(text):
        return text, None
    return text[:at], text[at + 1 :]


def parse_ref(text: str) -> ModelRef | None:
    """The ref that `text` spells; None when it names no provider or no model.

    Only the first `/` separates: model ids may hold more of them. Provider ids are caseless, model ids are not.
    """
    provider, slash, model = text.strip().partition("/")
    provider, model = provider_id(provider), model.strip()
    return ModelRef(provider, model) if slash and provider and model else None
