"""`agents.defaults.sandbox` and `agents.entries.<id>.sandbox`: where tools run. Source: tools-and-sessions §5.1."""

import re
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from clawfleet.config.models.base import Flag, Id, Number, Section, Text, Whole

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BIND = re.compile(r"(?P<source>/[^:]*):(?P<target>/[^:]*)(:(?P<mode>ro|rw))?")


class Ulimit(Section):
    """Limits of one resource of a process; a bare number is both."""

    soft: Annotated[Whole, Field(ge=-1)] = Field(description="What a process gets.")
    hard: Annotated[Whole, Field(ge=-1)] = Field(description="What it can raise that to.")

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, value: object) -> object:
        if isinstance(value, str) and (match := re.fullmatch(r"(-?\d+)(?::(-?\d+))?", value)):
            return {"soft": int(match[1]), "hard": int(match[2] or match[1])}
        if isinstance(value, int) and not isinstance(value, bool):
            return {"soft": value, "hard": value}
        if isinstance(value, dict) and len(value) == 1:
            (both,) = value.values()
            return {"soft": both, "hard": both}
        return value


class SandboxDocker(Section):
    """Settings of one sandbox container."""

    image: Text = Field(
        "openclaw-sandbox:bookworm-slim", description="Image of the container; never pulled or replaced silently."
    )
    container_prefix: Text | None = Field(
        None,
        description="Start of container names. Unset: openclaw-sbx-, with a tag when the state dir is not the default.",
    )
    workdir: Text = Field("/workspace", description="Working directory inside the container.")
    read_only_root: Flag = Field(True, description="Mount the root file system read-only.")
    tmpfs: tuple[Text, ...] = Field(("/tmp", "/var/tmp", "/run"), description="Writable memory mounts.")  # noqa: S108
    dangerously_allow_container_namespace_join: Flag = Field(
        False, description="Let `network` be another container's, `container:<id>`."
    )
    network: Text = Field("none", description="Docker network; `host` is refused.")
    user: Text | None = Field(
        None, description="uid:gid inside the container. Unset: the owner of the mounted workspace."
    )
    cap_drop: tuple[Text, ...] = Field(("ALL",), description="Linux capabilities taken away.")
    env: dict[str, Text] = Field(
        {"LANG": "C.UTF-8"}, repr=False, description="Environment inside the container; the host's is never inherited."
    )
    setup_command: Text | None = Field(None, description="Run once after the container was created.")
    memory: Id = Field("2g", description="Memory limit, bytes or e.g. `512m`; `0` is none.")
    memory_swap: Id | None = Field(None, description="Memory plus swap limit. Unset: no swap.")
    cpus: Annotated[Number, Field(gt=0)] | None = Field(None, description="CPU limit in cores.")
    pids_limit: Annotated[Whole, Field(ge=1)] = Field(
        512, description="Most processes and threads at once; keeps a fork bomb from the host."
    )

    ulimits: dict[str, Ulimit] = Field({}, description="Resource limits by name, e.g. `nofile`; `1024:2048` or both.")
    gpus: Text | None = Field(None, description="GPUs to show: `all`, or `device=<id>`.")
    seccomp_profile: Text | None = Field(
        None, description="Path of a seccomp profile on Docker's host. Unset: Docker's own."
    )
    apparmor_profile: Text | None = Field(None, description="Name of a loaded AppArmor profile. Unset: Docker's own.")
    dns: tuple[Text, ...] = Field((), description="Name servers, where there is a network.")
    extra_hosts: tuple[Text, ...] = Field((), description="Further names, `name:address`.")
    binds: tuple[Text, ...] = Field(
        (), description="Further directories of the host, `/source:/target:ro` or `:rw`; an agent's are added to these."
    )
    dangerously_allow_external_bind_sources: Flag = Field(
        False, description="Let `binds` show directories outside the workspace; system directories stay refused."
    )
    dangerously_allow_reserved_container_targets: Flag = Field(
        False, description="Let `binds` cover the sandbox's own directories."
    )

    @field_validator("network")
    @classmethod
    def _network_keeps_apart(cls, network: str, info: ValidationInfo) -> str:
        joins = network.startswith("container:") and info.data.get("dangerously_allow_container_namespace_join")
        if network == "host" or (network.startswith("container:") and not joins):
            raise ValueError(f'Sandbox security: network mode "{network}" is blocked. Use "bridge" or "none" instead.')
        return network

    @field_validator("seccomp_profile", "apparmor_profile")
    @classmethod
    def _profile_confines(cls, profile: str | None) -> str | None:
        if profile is not None and profile.strip().lower() == "unconfined":
            raise ValueError("Sandbox security: the profile unconfined is blocked. Leave it out for Docker's own.")
        return profile

    @field_validator("env")
    @classmethod
    def _portable_env(cls, env: dict[str, str]) -> dict[str, str]:
        for name, value in env.items():
            if not VARIABLE.fullmatch(name):
                raise ValueError(f'"{name}" is not a portable name for an environment variable')
            if {"\n", "\r", "\0"} & set(value):
                raise ValueError(f"the value of {name} must be one line")
        return env

    @field_validator("binds")
    @classmethod
    def _binds_are_plain(cls, binds: tuple[str, ...]) -> tuple[str, ...]:
        for bind in binds:
            if not BIND.fullmatch(bind):
                raise ValueError(f'"{bind}" must be /source:/target:ro or /source:/target:rw, both absolute')
        return binds


class SandboxPrune(Section):
    """When a container nobody needs is removed; looked at while sandboxes are used."""

    idle_hours: Annotated[Number, Field(ge=0)] = Field(24, description="Hours without use; 0: never for that.")
    max_age_days: Annotated[Number, Field(ge=0)] = Field(
        7, description="Age in days, when not just in use; 0: never for that."
    )


class Sandbox(Section):
    """Where tools run."""

    mode: Literal["off", "non-main", "all"] = Field("off", description="Which sessions run tools in a container.")
    scope: Literal["session", "agent", "shared"] = Field("agent", description="What shares one container.")
    workspace_access: Literal["none", "ro", "rw"] = Field(
        "none", description="What a container sees of the agent's workspace."
    )
    workspace_root: Text | None = Field(
        None, description="Where sandbox directories live. Unset: `sandboxes` in the state dir."
    )
    session_tools_visibility: Literal["spawned", "all"] = Field(
        "spawned", description="Sessions that session tools reach from inside: those it spawned, or as outside."
    )
    docker: SandboxDocker = Field(SandboxDocker(), description="Settings of the containers.")
    prune: SandboxPrune = Field(SandboxPrune(), description="When containers are removed.")
