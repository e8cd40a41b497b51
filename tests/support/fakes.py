"""How tests reach a fake: its control paths, and a container of its own."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import images

CONTAINER_PORT = 8080
CONTROL_LIMIT_S = 60.0
ANSWERS_LIMIT_S = 60.0


def ask(url: str, body: object = None) -> Any:
    """The JSON that a control path answers; POST when there is a body. Raises AssertionError with what it said."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=CONTROL_LIMIT_S) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        raise AssertionError(
            f"{urllib.parse.urlsplit(url).path} answered {error.code}: {error.read().decode()}"
        ) from None


@contextmanager
def in_container(module: str, probe_path: str, env: Mapping[str, str]) -> Iterator[str]:
    """The root URL of a fake that runs in a container of its own, once `probe_path` answers anything."""
    from testcontainers.core.container import DockerContainer

    image = images.build("fakes", Path(images.ROOT, "tests/fakes"), extra={"wheels": _wheels()})
    container = DockerContainer(image).with_command(module).with_exposed_ports(CONTAINER_PORT)
    for name, value in env.items():
        container.with_env(name, value)
    with container:
        url = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(CONTAINER_PORT)}"
        _wait_answers(f"{url}{probe_path}", lambda: str(container.get_logs()))
        yield url


def _wheels() -> Path:
    return images.wheelhouse(*images.installed("aiohttp"))


def _wait_answers(url: str, log: Callable[[], str]) -> None:
    deadline = time.monotonic() + ANSWERS_LIMIT_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError as error:
            assert time.monotonic() < deadline, f"{url} does not answer: {error}\n{log()}"
            time.sleep(0.05)
        else:
            return
