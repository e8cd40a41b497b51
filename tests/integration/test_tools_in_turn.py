"""Every tool that touches files and runs commands, in one turn of a real gateway: the same on the host and in the
sandbox, and nothing gets out of either."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import openai
import pytest

from tests.support.containers import processes_of, remove_containers_of
from tests.support.fake_openai import FakeOpenAI
from tests.support.gateway import GatewayFactory, GatewayProcess
from tests.support.images import sandbox_image

Step = tuple[str, dict[str, object]]

PATCH = """*** Begin Patch
*** Add File: made/new.txt
+new
*** Update File: notes.md
*** Move to: moved.md
@@ one
-TWO
+2
*** Delete File: gone.txt
*** End Patch"""

WORK: tuple[tuple[Step, str], ...] = (
    (("write", {"path": "notes.md", "content": "one\ntwo\nthree\n"}), "Successfully wrote 14 bytes to notes.md"),
    (("write", {"path": "gone.txt", "content": "x"}), "Successfully wrote 1 bytes to gone.txt"),
    (
        ("read", {"path": "notes.md", "offset": 2, "limit": 1}),
        "two\n\n[1 more line in file. Use offset=3 to continue.]",
    ),
    (
        ("edit", {"path": "notes.md", "oldText": "two", "newText": "TWO"}),
        "Successfully replaced 1 block(s) in notes.md.",
    ),
    (
        ("edit", {"path": "notes.md", "oldText": "four", "newText": ""}),
        "Could not find the exact text in notes.md. The old text must match exactly including all whitespace and "
        "newlines.\nCurrent content of the file:\none\nTWO\nthree\n",
    ),
    (
        ("apply_patch", {"input": PATCH}),
        "Success. Updated the following files:\nA made/new.txt\nM moved.md\nD gone.txt",
    ),
    (("ls", {"path": "made"}), '"new.txt"'),
    (
        ("exec", {"command": "cat moved.md; pwd; echo e >&2; exit 3"}),
        "one\n2\nthree\n<workspace>\ne\n\n(Command exited with code 3)",
    ),
    (("read", {"path": "<workspace>/moved.md"}), "one\n2\nthree\n"),
    (("exec", {"command": "cat; tty; echo $OPENCLAW_SHELL $HUNTER", "env": {"HUNTER": "1"}}), "not a tty\nexec 1"),
    (("exec", {"command": "test -t 0 && stty size", "pty": True}), "30 120"),
    (
        ("exec", {"command": "sleep 60", "timeoutSeconds": 0.3}),
        "Command timed out after 0.3 seconds. Call exec again with a larger timeoutSeconds if it needs longer, "
        "or split the work.",
    ),
    (
        ("exec", {"command": "stty -echo; echo ready; read line; echo got $line", "pty": True, "yieldMs": 4000}),
        "Command still running (session <id>). <follow-up>\n\nready\n",
    ),
    (("process", {"action": "list"}), "<id> running <span> :: stty -echo;"),
    (("process", {"action": "write", "sessionId": "$session", "data": "hello\n"}), "Wrote 6 bytes to session <id>."),
    (
        ("process", {"action": "poll", "sessionId": "$session", "timeout": 20000}),
        "ready\ngot hello\n\nProcess exited with code 0.",
    ),
    (
        ("process", {"action": "log", "sessionId": "$session", "offset": 1}),
        "got hello\n\n[lines 1-1 of 2; choose others by offset and limit]",
    ),
    (("process", {"action": "clear", "sessionId": "$session"}), "Cleared session <id>."),
    (
        ("exec", {"command": "sleep 4343 & sleep 4343", "background": True}),
        "Command still running (session <id>). <follow-up>",
    ),
    (("process", {"action": "kill", "sessionId": "$session"}), "Killed session <id>."),
    (("process", {"action": "remove", "sessionId": "$session"}), "Removed session <id>."),
    (("process", {"action": "poll", "sessionId": "$session"}), "No session found for <id>"),
    (("exec", {"command": "sleep 4343 & echo left"}), "left"),
    (("web_fetch", {"url": "<site>"}), "Once upon a time"),
)
"""What a model asks for, and what it is told."""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"<title>Tale</title><article><p>{'Once upon a time there was a gateway. ' * 20}</p></article>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a page on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    yield f"http://localhost:{server.server_address[1]}/tale"
    server.shutdown()
    server.server_close()
    serving.join()


class House:
    """A gateway whose model does as a test says. `shown` is the workspace as commands see it."""

    def __init__(self, running: GatewayProcess, fake: FakeOpenAI, shown: str) -> None:
        self.running = running
        self.fake = fake
        self.workspace = running.state_dir / "workspace"
        self.shown = shown or str(self.workspace)
        self.is_sandboxed = bool(shown)

    def turn(self, *steps: Step) -> list[str]:
        """What the model was told of each step; all of them in one turn."""
        self.fake.reset()
        calls = [{"tool": tool, "arguments": json.dumps(told), "goes_on": True} for tool, told in steps]
        self.fake.script(*calls, {"text": "Done."})
        with openai.OpenAI(
            base_url=f"{self.running.url}/v1", api_key=self.running.token, max_retries=0, timeout=120
        ) as client:
            reply = client.chat.completions.create(model="openclaw", messages=[{"role": "user", "content": "go"}])
        assert reply.choices[0].message.content == "Done."
        rows = [row for row in self.fake.requests()[-1]["body"]["messages"] if row["role"] == "tool"]
        return [str(row["content"]) for row in rows]

    def processes(self) -> str:
        """Command lines of what the tools may have started, wherever they run."""
        return processes_of(self.running) if self.is_sandboxed else _on_this_machine()


def _on_this_machine() -> str:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(found)


Build = Callable[..., House]


@pytest.fixture(params=["host", pytest.param("sandbox", marks=pytest.mark.docker)])
def house(
    request: pytest.FixtureRequest, gateway: GatewayFactory, fake_openai_container: FakeOpenAI
) -> Iterator[Build]:
    """Makes a gateway whose tools work on the host, and one whose tools work in the sandbox."""
    made: list[House] = []

    def build(access: str = "rw", **tools: Any) -> House:
        defaults: dict[str, Any] = {"model": "fake/fake-1"}
        if request.param == "sandbox":
            sandbox_image()
            defaults["sandbox"] = {"mode": "all", "workspaceAccess": access}
            tools = {**tools, "sandbox": {"tools": {"alsoAllow": ["web_fetch"]}}}
        running = gateway(
            {
                "gateway": {"http": {"endpoints": {"chatCompletions": {"enabled": True}}}},
                "models": {"providers": {"fake": fake_openai_container.provider("fake-1")}},
                "agents": {"defaults": defaults},
                "tools": tools,
            },
            env={"OPENAI_API_KEY": "hunter-two"},
        )
        made.append(House(running, fake_openai_container, "/workspace" if request.param == "sandbox" else ""))
        return made[-1]

    yield build
    for each in made:
        if each.is_sandboxed:
            remove_containers_of(each.running)


def _plain(text: str, house: House) -> str:
    """A result without what differs from run to run."""
    text = text.replace(house.shown, "<workspace>").replace(str(house.workspace), "<workspace>")
    text = re.sub(r"Use process \([a-z/-]+\) for follow-up\.", "<follow-up>", text)
    text = re.sub(r"\(session [a-z0-9-]+(, pid \d+)?\)", "(session <id>)", text)
    text = re.sub(r"(session|for) [a-z]+-[a-z]+\b", r"\1 <id>", text)
    text = re.sub(r"^[a-z]+-[a-z]+( running| completed)", r"<id>\1", text)
    return re.sub(r" +\d+s ::", " <span> ::", text)


def test_a_session_works_with_files_and_commands(house: Build, site: str) -> None:
    """Reads, edits, patches, runs, backgrounds, polls, fetches a page: the same results wherever it works."""
    home = house(web={"fetch": {"ssrfPolicy": {"allowedHostnames": ["localhost"]}}})

    def filled(value: object) -> object:
        return (
            value.replace("<workspace>", str(home.workspace)).replace("<site>", site)
            if isinstance(value, str)
            else value
        )

    steps = [(tool, {key: filled(value) for key, value in told.items()}) for (tool, told), _ in WORK]
    results = [_plain(text, home) for text in home.turn(*steps)]
    expected = [text for _, text in WORK]
    assert results[:-1] == expected[:-1]
    assert expected[-1] in results[-1]
    assert sorted(path.name for path in home.workspace.rglob("*.txt")) == ["new.txt"]
    assert (home.workspace / "moved.md").read_text() == "one\n2\nthree\n"
    _wait_for_end(home, "sleep 4343")


def test_nothing_runs_that_may_not(house: Build) -> None:
    """What policy took away is neither offered nor run, whoever calls it."""
    home = house(deny=["exec", "write"])
    results = home.turn(("exec", {"command": "touch made"}), ("write", {"path": "made", "content": ""}), ("ls", {}))
    offered = {tool["function"]["name"] for tool in home.fake.requests()[0]["body"]["tools"]}
    assert {"read", "ls", "process"} <= offered
    assert not {"exec", "write"} & offered
    assert [text.partition(".")[0] for text in results[:2]] == ["Tool exec not found", "Tool write not found"]
    assert not (home.workspace / "made").exists()


ESCAPES: tuple[Step, ...] = (
    ("read", {"path": "../outside/secret"}),
    ("read", {"path": "<outside>/secret"}),
    ("read", {"path": "link/secret"}),
    ("read", {"path": "made/../../outside/secret"}),
    ("ls", {"path": "link"}),
    ("ls", {"path": "/etc"}),
    ("write", {"path": "../outside/secret", "content": "changed"}),
    ("write", {"path": "link/secret", "content": "changed"}),
    ("write", {"path": "<outside>/made", "content": "changed"}),
    ("edit", {"path": "file-link", "oldText": "secret", "newText": "changed"}),
    ("apply_patch", {"input": "*** Begin Patch\n*** Add File: ../outside/made\n+x\n*** End Patch"}),
    ("apply_patch", {"input": "*** Begin Patch\n*** Delete File: link/secret\n*** End Patch"}),
)


def test_no_path_leads_out_of_the_workspace(house: Build) -> None:
    """Up, absolute, through links to directories and files: refused, and the operator's log says so."""
    home = house(fs={"workspaceOnly": True})
    outside = home.running.state_dir / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    home.workspace.mkdir(exist_ok=True)
    (home.workspace / "made").mkdir()
    (home.workspace / "link").symlink_to(outside)
    (home.workspace / "file-link").symlink_to(outside / "secret")
    steps: list[Step] = [
        (tool, {key: str(value).replace("<outside>", str(outside)) for key, value in told.items()})
        for tool, told in ESCAPES
    ]
    refusal = "Sandbox path is container-only" if home.is_sandboxed else "Path escapes the workspace"
    for (tool, told), text in zip(steps, home.turn(*steps), strict=True):
        assert text.startswith(refusal), (tool, told, text)
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_text() == "secret"
    log = home.running.log()
    assert len(re.findall(r"refused to touch .* outside", log)) == len(ESCAPES)


def test_a_workspace_that_is_only_shown_stays_as_it_is(house: Build) -> None:
    """workspaceAccess "ro": no tool that writes is offered, and commands meet a read-only file system."""
    home = house("ro")
    if not home.is_sandboxed:
        pytest.skip("the host has no read-only workspace")
    home.workspace.mkdir(exist_ok=True)
    (home.workspace / "notes.md").write_text("mine")
    results = home.turn(
        ("read", {"path": str(home.workspace / "notes.md")}),
        ("read", {"path": "/agent/notes.md"}),
        ("write", {"path": "/agent/notes.md", "content": "theirs"}),
        ("exec", {"command": "echo theirs > /agent/notes.md; echo theirs > /workspace/x; rm /agent/notes.md"}),
    )
    offered = {tool["function"]["name"] for tool in home.fake.requests()[0]["body"]["tools"]}
    assert {"read", "ls", "exec"} <= offered
    assert not {"write", "edit", "apply_patch"} & offered
    assert results[:2] == ["mine", "mine"]
    assert results[2].startswith("Tool write not found")
    assert results[3].count("Read-only file system") == 3
    assert (home.workspace / "notes.md").read_text() == "mine"


def test_a_command_in_the_background_outlives_its_turn_and_no_gateway(house: Build) -> None:
    """The next turn finds it; a stopping gateway ends it and what it started."""
    home = house()
    (started,) = home.turn(("exec", {"command": "echo hello; sleep 4444 & sleep 4444", "yieldMs": 1500}))
    assert "Command still running" in started
    poll: dict[str, object] = {"action": "poll", "sessionId": _id(started)}
    listed, polled = home.turn(("process", {"action": "list"}), ("process", poll))
    assert _id(started) in listed
    assert f"- {_id(started)}: echo hello;" in home.fake.requests()[0]["body"]["messages"][0]["content"]
    deadline = time.monotonic() + 30
    while "hello" not in polled:  # a busy machine has not begun with the command yet
        assert time.monotonic() < deadline, polled
        (polled,) = home.turn(("process", poll))
    assert "sleep 4444" in home.processes()
    home.running.process.send_signal(signal.SIGTERM)
    assert home.running.wait_exit() == 0
    _wait_for_end(home, "sleep 4444")


def test_a_killed_gateways_commands_end_with_its_next_start(house: Build) -> None:
    """kill -9 leaves nobody who would end them; the next process of that gateway does, and goes on."""
    home = house()
    home.turn(("exec", {"command": "sleep 4545 & sleep 4545", "background": True}))
    deadline = time.monotonic() + 30
    while "sleep 4545" not in home.processes():  # the turn has not waited for it to begin
        assert time.monotonic() < deadline, home.running.log()
        time.sleep(0.1)
    home.running.kill()
    assert "sleep 4545" in home.processes()
    home.running.start()
    _wait_for_end(home, "sleep 4545")
    assert home.turn(("exec", {"command": "echo on"})) == ["on"]


def test_a_session_is_told_when_its_command_ends(house: Build) -> None:
    """It wakes up by itself, once, and reads how the command ended."""
    home = house()
    command = "until [ -e go ]; do sleep 0.1; done; echo built; exit 4"
    home.turn(("exec", {"command": command, "background": True}))
    (home.workspace / "go").touch()
    woken = partial(_asked_about, home, "built")
    deadline = time.monotonic() + 30
    while not woken():
        assert time.monotonic() < deadline, home.running.log()
        time.sleep(0.1)
    (body,) = woken()
    assert re.search(r"Exec failed \([a-z-]+, code 4\): .* :: built", body)


def _wait_for_end(home: House, command: str) -> None:
    """Return when it runs nowhere any more: what was killed is gone as soon as it gets a core."""
    deadline = time.monotonic() + 30
    while command in home.processes():
        assert time.monotonic() < deadline, home.running.log()
        time.sleep(0.05)


def _asked_about(home: House, word: str) -> list[str]:
    """What the model was asked since the first turn that has `word` in it."""
    bodies = [json.dumps(row["body"]["messages"]) for row in home.fake.requests()[2:]]
    return [body for body in bodies if word in body]


def _id(text: str) -> str:
    match = re.search(r"session ([a-z0-9-]+)", text)
    assert match
    return match[1]
