"""The scripts behind `make sandbox-image`: which way they take, and what they say where no way is left."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "sandbox-image"
# Ordinary tools that the scripts use; everything else on PATH is a stub, so that no test touches a real engine.
TOOLS = ("bash", "cat", "chmod", "cut", "dirname", "find", "mkdir", "mktemp", "rm", "sed", "sleep", "tail", "tar")
HASHERS = ("sha256sum", "shasum")


class Machine:
    """A PATH with a stub `docker` that writes down what it is asked and knows the images in `images`."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.images = folder / "images"
        self.images.mkdir()
        self.asked = folder / "asked"
        self.asked.touch()
        self.pulls = False
        for name in (*TOOLS, *HASHERS):
            if path := shutil.which(name):
                (self.bin / name).symlink_to(path)
        self.stub(
            "docker",
            f"""
            echo "$*" >> {self.asked}
            place() {{ echo {self.images}/$(echo "$1" | sed 's|[/:]|_|g'); }}
            case "$1 $2" in
              "version ") ;;
              "image inspect") [ -e "$(place "$3")" ] ;;
              "pull -q") [ -n "$STUB_PULLS" ] && : > "$(place "$3")" ;;
              "import -c") tar -t | sed 's|^|imported |' >> {self.asked} ;;
              "build --build-arg") : > "$(place "$5")" ;;
              "tag "*) ;;
              *) echo "unexpected: $*" >&2; exit 64 ;;
            esac
            """,
        )

    def stub(self, name: str, body: str) -> None:
        """Puts a command on PATH that runs `body` instead of what is there."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def has(self, image: str) -> None:
        """The engine has this image."""
        (self.images / image.replace("/", "_").replace(":", "_")).touch()

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        """The script, run with nothing but the stubs."""
        return subprocess.run(
            [str(self.bin / "bash"), str(SCRIPTS / script)],
            capture_output=True,
            text=True,
            env={"PATH": str(self.bin), "STUB_PULLS": "1" if self.pulls else "", "TMPDIR": str(self.bin.parent)} | env,
            timeout=30,
            check=False,
        )

    def calls(self) -> list[str]:
        """What docker was asked, without the looks at what is there."""
        lines = self.asked.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if not line.startswith(("version", "image inspect"))]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Linux machine without debootstrap whose engine cannot pull."""
    machine = Machine(tmp_path)
    machine.stub("uname", "echo Linux")
    machine.stub("id", "echo 0")
    return machine


def test_an_image_that_is_here_is_used(machine: Machine) -> None:
    """Nothing is pulled or made."""
    machine.has("debian:bookworm-slim")
    done = machine.run("base.sh")
    assert (done.returncode, done.stdout) == (0, "base image: debian:bookworm-slim is here\n")
    assert machine.calls() == []


def test_an_image_that_can_be_pulled_is_pulled(machine: Machine) -> None:
    """The ordinary case on a machine with a registry."""
    machine.pulls = True
    done = machine.run("base.sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["base image: pulling debian:bookworm-slim", "base image: pulled"]
    assert machine.calls() == ["pull -q debian:bookworm-slim"]


def test_a_pull_that_hangs_is_ended(machine: Machine) -> None:
    """A registry that never answers does not hold up the build for ever."""
    machine.stub("docker", 'case "$1" in version) ;; image) exit 1 ;; pull) exec sleep 60 ;; esac')
    done = machine.run("base.sh", CLAWFLEET_PULL_LIMIT_S="0.2")
    assert done.returncode == 1
    assert "debootstrap is missing" in done.stderr


def test_without_registry_and_debootstrap_the_package_is_named(machine: Machine) -> None:
    """The error says which package is missing and how to install it."""
    done = machine.run("base.sh")
    assert done.returncode == 1
    assert "debian:bookworm-slim cannot be pulled, and debootstrap is missing to make it." in done.stderr
    assert "apt-get install debootstrap" in done.stderr


def test_an_image_is_made_where_none_can_be_pulled(machine: Machine) -> None:
    """debootstrap's tree is imported without the caches; the steps are said; the mirror can be chosen."""
    machine.stub(
        "debootstrap",
        """
        echo "debootstrap $1 $2 $4" >> "${0%/bin/*}/asked"
        mkdir -p "$3/etc/apt/apt.conf.d" "$3/usr/share/doc/x" "$3/var/cache/apt/archives"
        : > "$3/var/cache/apt/archives/x.deb"; : > "$3/usr/share/doc/x/copyright"; : > "$3/usr/share/doc/x/changelog"
        """,
    )
    done = machine.run("base.sh", CLAWFLEET_NO_PULL="1", DEBIAN_MIRROR="http://mirror.example/debian")
    assert done.returncode == 0, done.stderr
    assert "not pulled: CLAWFLEET_NO_PULL is set" in done.stdout
    assert done.stdout.endswith("base image: made debian:bookworm-slim\n")
    calls = machine.calls()
    assert calls[0] == "debootstrap --variant=minbase bookworm http://mirror.example/debian"
    assert calls[1].endswith("- debian:bookworm-slim")
    assert "imported ./usr/share/doc/x/copyright" in calls
    assert not [line for line in calls if line.endswith(("x.deb", "changelog"))]
    assert [path.name for path in machine.bin.parent.iterdir() if path.name.startswith("tmp.")] == []


def test_a_failing_debootstrap_shows_its_last_words(machine: Machine) -> None:
    """And what to try."""
    machine.stub("debootstrap", "echo 'E: no such mirror'; exit 1")
    done = machine.run("base.sh")
    assert done.returncode == 1
    assert "E: no such mirror" in done.stderr
    assert "DEBIAN_MIRROR=<url> chooses another" in done.stderr


def test_only_root_can_make_it(machine: Machine) -> None:
    """An ordinary user is told to use sudo."""
    machine.stub("id", "echo 1000")
    machine.stub("debootstrap", "exit 0")
    assert "debootstrap needs root" in machine.run("base.sh").stderr


def test_a_mac_is_told_where_to_make_it(machine: Machine) -> None:
    """debootstrap is a Linux tool; the image can be carried over."""
    machine.stub("uname", "echo Darwin")
    done = machine.run("base.sh")
    assert done.returncode == 1
    assert "docker save debian:bookworm-slim" in done.stderr


def test_without_docker_it_says_so(machine: Machine) -> None:
    """No command, and no engine behind it."""
    machine.stub("docker", "exit 1")
    assert "no Docker engine answers" in machine.run("base.sh").stderr
    (machine.bin / "docker").unlink()
    assert "the docker command is missing" in machine.run("base.sh").stderr


def test_the_sandbox_image_is_built_once_per_content(machine: Machine) -> None:
    """Built under its hash and tagged; the same content is not built again, another version is."""
    machine.has("debian:bookworm-slim")
    assert machine.run("build.sh", VERSION="1.0").returncode == 0
    build, tag = machine.calls()
    hashed = build.split(" -t ")[1].split(" ")[0]
    assert hashed.startswith("openclaw-sandbox:bookworm-slim-")
    assert len(hashed.rsplit("-", 1)[1]) == 12
    assert "--build-arg VERSION=1.0" in build
    assert tag == f"tag {hashed} openclaw-sandbox:bookworm-slim"
    again = machine.run("build.sh", VERSION="1.0")
    assert f"{hashed} is here" in again.stdout
    assert machine.calls() == [build, tag, tag]
    machine.run("build.sh", VERSION="1.1")
    assert machine.calls()[3].split(" -t ")[1].split(" ")[0] != hashed


def test_the_version_is_the_packages_own(machine: Machine) -> None:
    """Without VERSION the label is the version of the gateway beside it."""
    from clawfleet import __version__

    machine.has("debian:bookworm-slim")
    machine.run("build.sh")
    assert f"--build-arg VERSION={__version__}" in machine.calls()[0]


def test_a_failing_build_shows_its_last_words(machine: Machine) -> None:
    """docker's own output is kept back unless it is needed."""
    base_only = '"image inspect") [ "$3" = debian:bookworm-slim ]'
    machine.stub("docker", f'case "$1 $2" in {base_only} ;; build*) echo "E: boom"; exit 1 ;; esac')
    done = machine.run("build.sh")
    assert done.returncode == 1
    assert "E: boom" in done.stderr
    assert done.stdout.splitlines()[-1].startswith("sandbox image: building")
