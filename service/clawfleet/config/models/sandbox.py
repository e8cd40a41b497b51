"""`agents.defaults.sandbox` and `agents.entries.<id>.sandbox`: where tools run. Source: tools-and-sessions §5.1."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from clawfleet.config.models.base import Flag, Id, Number, Section, Text, Whole


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
    network: Text = Field("none", description="Docker network; `host` is refused.")
    user: Text | None = Field(
        None, description="uid:gid inside the container. Unset: the owner of the mounted workspace."
    )
    cap_drop: tuple[Text, ...] = Field(("ALL",), description="Linux capabilities taken away.")
    env: dict[str, Text] = Field(
        {"LANG": "C.UTF-8"}, repr=False, description="Environment inside the container; the host's is never inherited."
    )
    setup_command: Text | None = Field(None, description="Run once after the container was created.")
    memory: Id | None = Field(None, description="Memory limit, bytes or e.g. `512m`.")
    memory_swap: Id | None = Field(None, description="Memory plus swap limit.")
    cpus: Annotated[Number, Field(gt=0)] | None = Field(None, description="CPU limit in cores.")
    pids_limit: Annotated[Whole, Field(ge=1)] = Field(
        512, description="Most processes and threads at once; keeps a fork bomb from the host."
    )

    @field_validator("network")
    @classmethod
    def _network_keeps_apart(cls, network: str) -> str:
        if network == "host" or network.startswith("container:"):
            raise ValueError(f'Sandbox security: network mode "{network}" is blocked. Use "bridge" or "none" instead.')
        return network


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
