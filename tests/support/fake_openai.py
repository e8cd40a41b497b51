"""The fake provider as tests hold it: in this process or in a container, directed over its control paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.fakes.openai.app import DEFAULT_KEY, make_app
from tests.fakes.serving import in_thread
from tests.support.fakes import ask, in_container


class FakeOpenAI:
    """A running fake provider. `key` is the key that it wants."""

    def __init__(self, root_url: str, key: str = DEFAULT_KEY) -> None:
        self.root_url = root_url
        self.base_url = f"{root_url}/v1"
        self.key = key

    def script(self, *behaviours: Mapping[str, Any]) -> None:
        """The next chat requests are answered so, one each: `script({"like": "fail-500"}, {"text": "Hi"})`."""
        ask(f"{self.root_url}/_script", list(behaviours))

    def requests(self, *, at_least: int = 0, ended: bool = False, timeout_s: float = 30.0) -> list[dict[str, Any]]:
        """Chat requests so far, oldest first, after waiting for `at_least` of them (`ended`: and for their end)."""
        query = f"at_least={at_least}&ended={int(ended)}&timeout_s={timeout_s}"
        found: list[dict[str, Any]] = ask(f"{self.root_url}/_requests?{query}")["requests"]
        return found

    def go_on(self) -> None:
        """Has the second half of every answer come that waits for that: `script({"text": "Hi", "waits": True})`."""
        ask(f"{self.root_url}/_go_on", {})

    def keys(self, **keys: Mapping[str, Any]) -> None:
        """Further keys, and what each of them is answered: `keys(k1={"like": "fail-429"}, k2={})`."""
        ask(f"{self.root_url}/_keys", keys)

    def models(self, **models: Mapping[str, Any]) -> None:
        """The only models that there are: `models(**{"claude-opus-4-6": {}})`."""
        ask(f"{self.root_url}/_models", models)

    def reset(self) -> None:
        """Forgets script, keys, models and requests."""
        ask(f"{self.root_url}/_reset", {})

    def provider(self, *models: str) -> dict[str, Any]:
        """The entry of `models.providers` that makes a gateway use this fake with some of its models."""
        rows = [{"id": name, "name": name} for name in models or ("fake-1",)]
        return {"baseUrl": self.base_url, "api": "openai-completions", "apiKey": self.key, "models": rows}


@contextmanager
def openai_in_process() -> Iterator[FakeOpenAI]:
    """The fake provider in a thread of this process."""
    with in_thread(make_app) as url:
        yield FakeOpenAI(url)


@contextmanager
def openai_in_container(key: str = DEFAULT_KEY) -> Iterator[FakeOpenAI]:
    """The fake provider as a container."""
    with in_container("tests.fakes.openai", "/v1/models", {"FAKE_OPENAI_KEY": key}) as url:
        yield FakeOpenAI(url, key)
