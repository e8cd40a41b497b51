"""The fakes of the other wire APIs as tests hold them: in this process or in a container, directed over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.anthropic import app as anthropic
from tests.fakes.google import app as google
from tests.fakes.ollama import app as ollama
from tests.fakes.openai.app import DEFAULT_KEY
from tests.fakes.responses import app as responses
from tests.fakes.serving import in_thread
from tests.support.fake_openai import FakeOpenAI
from tests.support.fakes import in_container


@dataclass(frozen=True)
class Wire:
    """One wire API: its fake, and what the fake's root is called in a config."""

    api: str
    module: str
    path: str
    probe_path: str
    make_app: Callable[[], web.Application]


WIRES = {
    wire.api: wire
    for wire in (
        Wire("anthropic-messages", "tests.fakes.anthropic", "", "/v1/messages", anthropic.make_app),
        Wire("openai-responses", "tests.fakes.responses", "/v1", "/v1/responses", responses.make_app),
        Wire("google-generative-ai", "tests.fakes.google", "/v1beta", "/v1beta/models", google.make_app),
        Wire("ollama", "tests.fakes.ollama", "", "/api/tags", ollama.make_app),
    )
}


class FakeSpeaker(FakeOpenAI):
    """A running fake of one wire API, directed as the fake of OpenAI is."""

    def __init__(self, wire: Wire, root_url: str) -> None:
        super().__init__(root_url)
        self.api = wire.api
        self.base_url = f"{root_url}{wire.path}"

    def provider(self, *models: str) -> dict[str, Any]:
        """The entry of `models.providers` that makes a gateway use this fake with some of its models."""
        return super().provider(*models) | {"api": self.api}


@contextmanager
def speaker_in_process(api: str) -> Iterator[FakeSpeaker]:
    """The fake of a wire API in a thread of this process."""
    wire = WIRES[api]
    with in_thread(wire.make_app) as url:
        yield FakeSpeaker(wire, url)


@contextmanager
def speaker_in_container(api: str) -> Iterator[FakeSpeaker]:
    """The fake of a wire API as a container."""
    wire = WIRES[api]
    with in_container(wire.module, wire.probe_path, {"FAKE_KEY": DEFAULT_KEY}) as url:
        yield FakeSpeaker(wire, url)
