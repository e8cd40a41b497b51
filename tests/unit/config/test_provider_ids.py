"""Provider ids have one spelling, and the list of known ones is the one that models are found by."""

from __future__ import annotations

from clawfleet.config.provider_ids import KNOWN_PROVIDERS, provider_id
from clawfleet.models.presets import PRESETS


def test_ids_have_one_spelling() -> None:
    """Case and blanks do not count, and doubles are folded."""
    assert provider_id(" OpenAI ") == "openai"
    assert provider_id("Z.AI") == "zai"
    assert provider_id(" ModelStudio ") == "qwen"
    assert provider_id("mine") == "mine"


def test_what_needs_no_description_is_described_in_the_presets() -> None:
    """Neither list knows a provider that the other does not."""
    assert set(PRESETS) == KNOWN_PROVIDERS
