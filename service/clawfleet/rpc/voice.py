"""`voicewake.get`, `talk.catalog`, `talk.config`: speech. This gateway neither listens nor speaks."""

from __future__ import annotations

from typing import Any

from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import NoParams, Result, method


class VoiceWake(Result):
    """The answer of `voicewake.get`."""

    triggers: list[str]


@method("voicewake.get", scope="operator.read")
async def get_voice_wake(call: Call, params: NoParams) -> VoiceWake:
    """The words that wake a voice client: none."""
    return VoiceWake(triggers=[])


class SpeechProviders(Result):
    """Who can do one kind of speech. `ready` says whether one of them is set up."""

    ready: bool
    providers: list[dict[str, Any]]


class TalkCatalog(Result):
    """The answer of `talk.catalog`."""

    modes: list[str]
    transports: list[str]
    brains: list[str]
    speech: SpeechProviders
    transcription: SpeechProviders
    realtime: SpeechProviders


@method("talk.catalog", scope="operator.read")
async def talk_catalog(call: Call, params: NoParams) -> TalkCatalog:
    """What talking could use: nothing."""
    nobody = SpeechProviders(ready=False, providers=[])
    return TalkCatalog(modes=[], transports=[], brains=[], speech=nobody, transcription=nobody, realtime=nobody)


class TalkConfig(Result):
    """The answer of `talk.config`."""

    config: dict[str, Any]


@method("talk.config", scope="operator.read")
async def talk_config(call: Call, params: NoParams) -> TalkConfig:
    """How talking is set up: it is not."""
    return TalkConfig(config={})
