"""A chat hears once that another model answers, and once that its own is back."""

from __future__ import annotations

from tests.fakes.telegram.updates import private_text, user
from tests.support.fake_openai import FakeOpenAI
from tests.support.fake_telegram import TelegramControl
from tests.support.gateway import GatewayFactory


def test_a_fallback_and_its_end_are_told_in_the_chat(
    gateway: GatewayFactory, fake_openai: FakeOpenAI, fake_telegram: TelegramControl
) -> None:
    provider = fake_openai.provider("fake-1")
    gateway(
        {
            "models": {"providers": {"lan": provider, "spare": provider}},
            "agents": {"defaults": {"model": {"primary": "lan/fake-1", "fallbacks": ["spare/fake-1"]}}},
            "channels": {"telegram": fake_telegram.channel(dmPolicy="open", allowFrom=["*"])},
        }
    )
    fake_openai.script({"like": "fail-500"}, {"text": "From the spare."}, {"text": "From my own."}, {"text": "Again."})
    for number in range(3):
        fake_telegram.inject(private_text("hello", user(42, "u42")))
        fake_telegram.sent(at_least=number + 1)
    assert [message["text"] for message in fake_telegram.sent()] == [
        "↪️ Model Fallback: spare/fake-1 (selected lan/fake-1; server error)\n\nFrom the spare.",
        "↪️ Model Fallback cleared: lan/fake-1 (was spare/fake-1)\n\nFrom my own.",
        "Again.",
    ]
