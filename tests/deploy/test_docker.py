"""The gateway's image and the Swarm stack, on the local engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.fleets import ROOT
from tests.deploy.service_host import until
from tests.support.gateway import free_port

pytestmark = pytest.mark.docker

FOLDER = ROOT / "deploy" / "docker"
SERVICES = ("one", "two", "three")
MOST_BYTES = 400_000_000


OUTSIDE = """
import docker
from clawfleet.sandbox.outside import SOCKET, look_outside
for here, host in look_outside(docker.APIClient(base_url=SOCKET), {}).places:
    print(here, host)
"""
"""Asks the engine, as the gateway does, where what it has lies on the host."""


def docker(*words: str, code: int | None = 0) -> str:
    """What a docker command says. Raises AssertionError for another exit code."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=300, check=False)
    assert code is None or done.returncode == code, f"docker {' '.join(words)}: {done.stdout}{done.stderr}"
    return (done.stdout + done.stderr).strip()


@pytest.fixture(scope="module")
def image(wheelhouse: Path) -> Iterator[str]:
    """The image of this checkout."""
    tag = f"clawfleet-test/gateway:{uuid.uuid4().hex[:8]}"
    environ = os.environ | {"PYTHON": sys.executable, "WHEELHOUSE": str(wheelhouse)}
    built = subprocess.run([FOLDER / "build.sh", tag], env=environ, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[-2000:]
    yield tag
    docker("image", "rm", "--force", tag)


@pytest.fixture
def container(image: str) -> Iterator[str]:
    """A gateway as compose.yaml runs it: read-only, without capabilities."""
    name = f"clawfleet-test-{uuid.uuid4().hex[:8]}"
    docker("run", "-d", "--name", name, "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
           "--security-opt", "no-new-privileges", "-e", "OPENCLAW_GATEWAY_TOKEN=t0ken", image)  # fmt: skip
    yield name
    docker("rm", "--force", "--volumes", name)


def test_it_runs_as_nobodys_root_and_gets_healthy(image: str, container: str) -> None:
    until(lambda: docker("inspect", "-f", "{{.State.Health.Status}}", container) == "healthy", 180)
    assert docker("exec", container, "sh", "-c", "id -u; pwd").split() == ["1000", "/home/node"]
    health = json.loads(docker("exec", container, "openclaw", "health", "--json"))
    assert health["ok"] is True
    assert int(docker("image", "inspect", "-f", "{{.Size}}", image)) < MOST_BYTES
    docker("stop", "--time", "30", container)
    assert docker("inspect", "-f", "{{.State.ExitCode}}", container) == "0", "SIGTERM ends it, not SIGKILL"


def test_its_places_belong_to_the_user_of_official_images(image: str, container: str) -> None:
    """Volumes of theirs keep working, a new one is writable, and nothing else is."""
    script = "echo $HOME; stat -c '%u:%g %a' ~/.openclaw ~/.openclaw/workspace; touch /x 2>&1; cat /proc/1/comm"
    said = docker("exec", container, "sh", "-c", script).splitlines()
    assert said == [
        "/home/node",
        "1000:1000 700",
        "1000:1000 700",
        "touch: cannot touch '/x': Read-only file system",
        "tini",
    ]
    found = json.loads(docker("image", "inspect", image))[0]["Config"]
    assert (found["User"], found["StopSignal"]) == ("1000:1000", "SIGTERM")
    assert found["Healthcheck"]["Test"][0] == "CMD"


@pytest.fixture
def compose(image: str, tmp_path: Path) -> Iterator[Compose]:
    """Projects of compose.yaml, each of them gone afterwards."""
    if shutil.which("docker-compose") is None and "Usage" not in docker("compose", "--help", code=None):
        pytest.skip("needs docker-compose: apt-get install docker-compose, or the compose plugin")
    made = Compose(tmp_path, image)
    yield made
    for name in made.ports:
        made.run(name, "down", "--volumes", "--timeout", "20")


class Compose:
    """`deploy/docker/compose.sh`, with one file of variables for each gateway."""

    def __init__(self, folder: Path, image: str) -> None:
        self.folder = folder
        self.image = image
        self.ports: dict[str, int] = {}

    def add(self, name: str, **variables: str) -> str:
        """One more gateway; the name of its project."""
        project = f"{name}{uuid.uuid4().hex[:6]}"
        self.ports[project] = free_port()
        values = {
            "OPENCLAW_IMAGE": self.image,
            "OPENCLAW_GATEWAY_PORT": str(self.ports[project]),
            "OPENCLAW_GATEWAY_TOKEN": f"token-of-{name}",
        }
        lines = [f"{key}={value}\n" for key, value in (values | variables).items()]
        (self.folder / f"{project}.env").write_text("".join(lines), encoding="utf-8")
        return project

    def run(self, project: str, *words: str) -> str:
        """What a command of compose prints."""
        line = [str(FOLDER / "compose.sh"), str(self.folder / f"{project}.env"), *words]
        done = subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def test_two_gateways_of_one_host_are_two_projects(compose: Compose) -> None:
    """Each with its port, its token and its volumes; the second one also with a mount and a home of its own."""
    (compose.folder / "notes").mkdir()
    ada = compose.add("ada")
    mounts = f"{compose.folder}/notes:/notes:ro"
    bea = compose.add("bea", OPENCLAW_EXTRA_MOUNTS=mounts, OPENCLAW_HOME_VOLUME="bea-home")
    for project in (ada, bea):
        compose.run(project, "up", "-d")
    until(lambda: all(is_ready(port) for port in compose.ports.values()), 180)
    assert json.loads(compose.run(ada, "run", "--rm", "openclaw-cli", "health", "--json"))["ok"] is True
    volumes = docker("volume", "ls", "-q").split()
    assert {f"{ada}_openclaw-state", f"{ada}_openclaw-workspace", f"{bea}_bea-home"} <= set(volumes)
    seen = compose.run(
        bea, "exec", "-T", "openclaw-gateway", "sh", "-c", "mount | grep -c ' /notes '; ls -d /home/node"
    )
    assert seen.split() == ["1", "/home/node"]
    compose.run(ada, "up", "-d", "--force-recreate")
    until(lambda: is_ready(compose.ports[ada]), 180)


@pytest.mark.full
@pytest.mark.skipif(os.geteuid() != 0, reason="gives directories to the user of the image")
def test_its_sandboxes_lie_where_the_engine_finds_them(compose: Compose) -> None:
    """The gateway may ask the engine, and state and workspace are directories that the engine can mount elsewhere."""
    places = {"OPENCLAW_CONFIG_DIR": compose.folder / "state", "OPENCLAW_WORKSPACE_DIR": compose.folder / "work"}
    for place in places.values():
        place.mkdir(mode=0o700)
    config = places["OPENCLAW_CONFIG_DIR"] / "openclaw.json"
    config.write_text('{"gateway": {"mode": "local"}, "agents": {"defaults": {"sandbox": {"mode": "all"}}}}')
    for path in (config, *places.values()):
        os.chown(path, 1000, 1000)
    group = str(Path("/var/run/docker.sock").stat().st_gid)
    variables = {name: str(path) for name, path in places.items()}
    box = compose.add("box", OPENCLAW_SANDBOX="1", OPENCLAW_DOCKER_GID=group, **variables)
    compose.run(box, "up", "-d")
    inside = ("exec", "-T", "openclaw-gateway")
    told = compose.run(box, *inside, "/opt/clawfleet/bin/python", "-c", OUTSIDE)
    here = dict(line.split() for line in told.splitlines())
    assert here["/home/node/.openclaw"] == str(places["OPENCLAW_CONFIG_DIR"])
    assert here[str(places["OPENCLAW_WORKSPACE_DIR"])] == str(places["OPENCLAW_WORKSPACE_DIR"])


def test_beyond_loopback_it_wants_a_token(image: str) -> None:
    said = docker("run", "--rm", image, code=78)
    assert "Refusing to bind gateway to lan without auth." in said


@pytest.fixture(scope="module")
def swarm() -> Iterator[str]:
    """The name of a stack in an engine that is a swarm of its own for as long."""
    if docker("info", "--format", "{{.Swarm.LocalNodeState}}") != "inactive":
        pytest.skip("this engine is part of a swarm already")
    docker("swarm", "init", "--advertise-addr", "127.0.0.1")
    name = f"claw{uuid.uuid4().hex[:6]}"
    try:
        yield name
    finally:
        docker("stack", "rm", name, code=None)
        label = f"label=com.docker.stack.namespace={name}"
        until(lambda: not docker("ps", "-aq", "--filter", label), 180)
        # The engine lists a container no more a moment before it lets go of its volumes.
        if volumes := docker("volume", "ls", "-q", "--filter", label).split():
            remove = ["docker", "volume", "rm", "--force", *volumes]
            until(lambda: subprocess.run(remove, capture_output=True, check=False).returncode == 0, 60)
        docker("swarm", "leave", "--force")


@dataclass
class Stack:
    """The three gateways of stack.yaml; `tokens` is where stack.sh keeps theirs."""

    name: str
    image: str
    tokens: Path
    ports: dict[str, int]

    def deploy(self, image: str | None = None) -> subprocess.CompletedProcess[str]:
        """stack.sh, as an operator runs it."""
        environ = {f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        environ |= {"OPENCLAW_IMAGE": image or self.image, "TOKENS": str(self.tokens), "LIMIT_S": "240"}
        line = [str(FOLDER / "stack.sh"), self.name]
        return subprocess.run(line, env=os.environ | environ, capture_output=True, text=True, timeout=400, check=False)

    def secrets(self) -> set[str]:
        """The names of its secrets."""
        label = f"label=com.docker.stack.namespace={self.name}"
        return set(docker("secret", "ls", "--filter", label, "--format", "{{.Name}}").split())

    def secret_of(self, service: str) -> str:
        """The name of the secret that one gateway has now."""
        form = "{{(index .Spec.TaskTemplate.ContainerSpec.Secrets 0).SecretName}}"
        return docker("service", "inspect", "--format", form, f"{self.name}_{service}")


@pytest.fixture(scope="module")
def stack(image: str, swarm: str, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The stack after its first deploy."""
    folder = tmp_path_factory.mktemp("stack")
    made = Stack(swarm, image, folder / "tokens", {name: free_port() for name in SERVICES})
    done = made.deploy()
    assert done.returncode == 0, done.stderr
    return made


@pytest.mark.full
def test_three_gateways_are_ready_each_with_its_own_token(stack: Stack) -> None:
    assert all(is_ready(port) for port in stack.ports.values())
    assert len({(stack.tokens / name).read_text() for name in SERVICES}) == len(SERVICES)
    assert stack.tokens.stat().st_mode & 0o777 == 0o700


@pytest.mark.full
def test_an_image_that_fails_is_rolled_back(stack: Stack) -> None:
    """It is told as a failure, with the state of each update; all three run as before."""
    broken, before = f"{stack.image}-broken", stack.secrets()
    subprocess.run(["docker", "build", "-q", "-t", broken, "-"], input=f'FROM {stack.image}\nENTRYPOINT ["false"]\n',
                   text=True, capture_output=True, check=True)  # fmt: skip
    try:
        done = stack.deploy(broken)
        assert done.returncode == 1
        for name in SERVICES:
            assert f"stack: {stack.name}_{name}: rollback_completed" in done.stderr
        until(lambda: all(is_ready(port) for port in stack.ports.values()), 180)
        images = docker("service", "ls", "--filter", f"name={stack.name}", "--format", "{{.Image}}").split()
        assert images == [stack.image] * len(SERVICES)
        assert stack.secrets() == before
    finally:
        docker("image", "rm", "--force", broken)


@pytest.mark.full
def test_a_token_is_rotated_under_a_new_name_and_the_old_one_goes(stack: Stack) -> None:
    """Only its gateway is updated; who has the old token stays outside."""
    old, others = stack.secret_of("one"), {stack.secret_of(name) for name in SERVICES[1:]}
    before = (stack.tokens / "one").read_text()
    (stack.tokens / "one").unlink()
    done = stack.deploy()
    assert done.returncode == 0, done.stderr
    assert f"stack: secret {old} is removed" in done.stdout
    new = stack.secret_of("one")
    assert new != old
    assert stack.secrets() == {new, *others}
    until(lambda: is_ready(stack.ports["one"]), 180)
    now = (stack.tokens / "one").read_text()
    assert [status(stack.ports["one"], token) for token in (before, now)] == [401, 200]


def status(port: int, token: str) -> int:
    """How a gateway answers a scrape by who shows that token."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def is_ready(port: int) -> bool:
    """Whether a gateway of the stack says so."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
            return bool(json.load(answer)["ready"])
    except OSError:
        return False
