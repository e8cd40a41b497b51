"""Plays macOS' launchctl on any machine: jobs from property lists, really started and watched over.

    FAKE_LAUNCHD=/dir launchctl.py print|bootstrap|bootout|kickstart|enable|disable|print-disabled …

State lies as JSON in `$FAKE_LAUNCHD`. Exit codes are launchctl's: 113 for an unknown service, 5 for a second bootstrap,
3 for the bootout of an unknown one. `$FAKE_LAUNCHD/no-gui` makes `gui/…` a domain that does not exist (125);
`$FAKE_LAUNCHD/busy` holds how many bootstraps fail with 5 first, `booting-out` how many with 37 after those;
`no-bootstrap` makes `gui/…` a domain that shows but takes nothing (125). Every call is a line of `$FAKE_LAUNCHD/calls`.
Jobs of `system` lie in `$FAKE_LAUNCHD_SYSTEM` where that is set, and only root changes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import plistlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

HOME = Path(os.environ["FAKE_LAUNCHD"])
SYSTEM = Path(os.environ.get("FAKE_LAUNCHD_SYSTEM", HOME))
POLL_S = 0.02


def fail(code: int, text: str) -> NoReturn:
    """Ends as launchctl does."""
    print(text, file=sys.stderr)
    raise SystemExit(code)


def job_file(target: str) -> Path:
    """Where a loaded job is kept; its name is domain and label."""
    place = SYSTEM if target.startswith("system/") else HOME
    return place / f"{target.replace('/', '+')}.job"


def load(target: str) -> dict[str, Any]:
    """A loaded job. Ends with 113 when there is none."""
    try:
        job: dict[str, Any] = json.loads(job_file(target).read_text(encoding="utf-8"))
    except FileNotFoundError:
        fail(113, f'Could not find service "{target.rpartition("/")[2]}" in domain for {target.rpartition("/")[0]}')
    return job


def save(target: str, job: dict[str, Any]) -> None:
    """Keeps a job, whole or not at all."""
    fresh = job_file(target).with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(job), encoding="utf-8")
    fresh.replace(job_file(target))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two that change a job at once lose nothing, and nobody brings back what was just unloaded."""
    with (HOME / "changing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def change(target: str, **values: Any) -> None:
    """Changes a loaded job."""
    with alone():
        if job_file(target).exists():
            save(target, {**load(target), **values})


def check_domain(domain: str) -> None:
    """Ends with 125 for a domain that is not there."""
    if domain.startswith("gui/") and (HOME / "no-gui").exists():
        fail(125, "Domain does not support specified action")


def show(target: str) -> None:
    """`print`: of a domain or a job."""
    if target.count("/") < 2 and not target.startswith("system/"):
        check_domain(target)
        print(f"{target} = {{\n\ttype = login\n}}")
        return
    job = load(target)
    state = "running" if job.get("pid") else "not running"
    print(f"{target} = {{\n\tactive count = 1\n\tpath = {job['path']}\n\ttype = LaunchAgent\n\tstate = {state}\n")
    print("\tenvironment = {\n\t\tstate = of a variable\n\t}\n")
    if job.get("pid"):
        print(f"\tpid = {job['pid']}")
    exit_code = "(never exited)" if job.get("exit") is None else job["exit"]
    print(f"\truns = {job['runs']}\n\tlast exit code = {exit_code}")
    if job.get("signal"):
        print(f"\tlast terminating signal = {signal.strsignal(job['signal'])}: {job['signal']}")
    print("}")


def bootstrap(domain: str, path: str) -> None:
    """Loads a property list and starts it."""
    check_domain(domain)
    if domain.startswith("gui/") and (HOME / "no-bootstrap").exists():
        fail(125, "Bootstrap failed: 125: Domain does not support specified action")
    for name, code, words in (("busy", 5, "Input/output error"), ("booting-out", 37, "Operation already in progress")):
        file = HOME / name
        if file.exists() and (left := int(file.read_text())) > 0:
            file.write_text(str(left - 1))
            fail(code, f"Bootstrap failed: {code}: {words}")
    table = plistlib.loads(Path(path).read_bytes())
    target = f"{domain}/{table['Label']}"
    if job_file(target).exists():
        fail(5, "Bootstrap failed: 5: Input/output error")
    if target in disabled():
        fail(5, "Bootstrap failed: 5: Input/output error (disabled)")
    save(target, {"path": path, "runs": 0, "exit": None, "pid": None, "wanted": bool(table.get("RunAtLoad"))})
    subprocess.Popen(
        [sys.executable, "-S", "-E", __file__, "mind", target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def bootout(target: str) -> None:
    """Stops a job and forgets it; as launchd, kills it after its ExitTimeOut."""
    with alone():
        if not job_file(target).exists():
            fail(3, "Boot-out failed: 3: No such process")
        job = load(target)
        job_file(target).unlink()
    limit_s = 20
    if Path(job["path"]).exists():
        limit_s = plistlib.loads(Path(job["path"]).read_bytes()).get("ExitTimeOut", limit_s)
    end(job.get("pid"), limit_s)


def kickstart(words: list[str]) -> None:
    """Starts a job that does not run; with -k replaces its process."""
    target = words[-1]
    job = load(target)
    if "-k" in words and job.get("pid"):
        end(job["pid"], 20)
    until = time.monotonic() + 10
    change(target, wanted=True)
    if job.get("pid") and "-k" not in words:
        return
    while time.monotonic() < until and load(target)["runs"] == job["runs"]:
        time.sleep(POLL_S)


def end(pid: int | None, limit_s: float) -> None:
    """SIGTERM, then SIGKILL."""
    if pid is None:
        return
    for number, wait_s in ((signal.SIGTERM, limit_s), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + wait_s
        while time.monotonic() < until:
            if not is_alive(pid):
                return
            time.sleep(POLL_S)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def mind(target: str) -> None:
    """launchd itself, for one job: starts it, notes how it ended, starts it again as KeepAlive says."""
    throttle_s = float(os.environ.get("FAKE_LAUNCHD_THROTTLE_S", "10"))
    while job_file(target).exists():
        job = load(target)
        if not job["wanted"]:
            time.sleep(POLL_S)
            continue
        table = plistlib.loads(Path(job["path"]).read_bytes())
        began = time.monotonic()
        with alone():  # a bootout finds the process, or there is none to find
            if not job_file(target).exists():
                return
            process = start(table)
            running = {"pid": process.pid, "runs": job["runs"] + 1, "wanted": bool(table.get("KeepAlive"))}
            save(target, {**load(target), **running})
        code = process.wait()
        change(target, pid=None, exit=max(code, 0), signal=-code if code < 0 else None)
        while time.monotonic() < began + throttle_s and job_file(target).exists():
            if load(target)["wanted"] and not table.get("KeepAlive"):
                break
            time.sleep(POLL_S)


def start(table: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The process of a job: only the environment that its property list names."""
    user = {"user": table["UserName"], "extra_groups": []} if "UserName" in table else {}
    with (
        Path(table["StandardOutPath"]).open("ab") as out,
        Path(table["StandardErrorPath"]).open("ab") as err,
        Path(table.get("StandardInPath", os.devnull)).open("rb") as stdin,
    ):
        return subprocess.Popen(
            table["ProgramArguments"],
            env={"XPC_SERVICE_NAME": table["Label"], **table.get("EnvironmentVariables", {})},
            cwd=table.get("WorkingDirectory", "/"),
            stdin=stdin,
            stdout=out,
            stderr=err,
            umask=table.get("Umask", 0o22),
            start_new_session=True,
            **user,
        )


def disabled() -> set[str]:
    """The jobs that were switched off."""
    file = HOME / "disabled"
    return set(file.read_text().split()) if file.exists() else set()


def show_disabled(domain: str) -> None:
    """`print-disabled`."""
    check_domain(domain)
    rows = [f'\t\t"{name.rpartition("/")[2]}" => disabled' for name in sorted(disabled()) if name.startswith(domain)]
    print("\n".join(["\tdisabled services = {", *rows, "\t}"]))


def switch(target: str, *, off: bool) -> None:
    """`enable` and `disable`."""
    names = disabled() | {target} if off else disabled() - {target}
    (HOME / "disabled").write_text("\n".join(sorted(names)))


def main(verb: str, *words: str) -> None:
    """One call of launchctl."""
    if verb != "mind":
        with (HOME / "calls").open("a") as calls:
            calls.write(" ".join((verb, *words)) + "\n")
    if words and words[0].startswith("system") and os.geteuid() and HOME != SYSTEM and not verb.startswith("print"):
        fail(150, f"{verb} failed: 150: Operation not permitted while System Integrity Protection is engaged")
    match verb:
        case "print":
            show(words[0])
        case "print-disabled":
            show_disabled(words[0])
        case "bootstrap":
            bootstrap(*words)
        case "bootout":
            bootout(words[0])
        case "kickstart":
            kickstart(list(words))
        case "enable" | "disable":
            switch(words[0], off=verb == "disable")
        case "mind":
            mind(words[0])
        case _:
            fail(64, f"Unrecognized subcommand: {verb}")


if __name__ == "__main__":
    main(*sys.argv[1:])
