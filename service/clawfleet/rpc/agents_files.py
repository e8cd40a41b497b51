"""`agents.files.*`: the files that shape an agent; `agents.workspace.*`: what else is in its workspace.

Source: protocol §12.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

from pydantic import Field

from clawfleet.agents.workspace_files import (
    OFTEN_ABSENT,
    SHAPING,
    Entry,
    browse,
    read_any,
    read_shaping,
    shaping_file,
    write_shaping,
)
from clawfleet.config.agent_entries import AgentNotFound
from clawfleet.rpc.call import Call
from clawfleet.rpc.registry import Params, Result, method

MAX_ENTRIES = 500
"""Entries of one answer of `agents.workspace.list`."""


class AgentFilesParams(Params):
    """Whose files."""

    agent_id: str = Field(min_length=1)


class AgentFileParams(AgentFilesParams):
    """Which file."""

    name: str = Field(min_length=1)


class AgentFileSetParams(AgentFileParams):
    """And what it is to say."""

    content: str


class AgentFile(Result):
    """One file. `missing` ones that agents often do without are `expectedAbsent`; the others have size and time."""

    name: str
    path: str
    missing: bool
    expected_absent: bool | None = None
    size: int | None = None
    updated_at_ms: int | None = None
    content: str | None = None

    @classmethod
    def of(cls, workspace: Path, name: str, entry: Entry | None, content: str | None = None) -> AgentFile:
        """The row of a file that is there, or of one that is not."""
        path = str(workspace / name)
        if entry is None:
            return cls(name=name, path=path, missing=True, expected_absent=name in OFTEN_ABSENT)
        size, at_ms = entry.size, entry.updated_at_ms
        return cls(name=name, path=path, missing=False, size=size, updated_at_ms=at_ms, content=content)


class AgentFilesList(Result):
    """The answer of `agents.files.list`."""

    agent_id: str
    workspace: str
    files: list[AgentFile]


class AgentFileGet(Result):
    """The answer of `agents.files.get`."""

    agent_id: str
    workspace: str
    file: AgentFile


class AgentFileSet(AgentFileGet):
    """The answer of `agents.files.set`."""

    ok: Literal[True] = True


@method("agents.files.list", scope="operator.read")
async def list_files(call: Call, params: AgentFilesParams) -> AgentFilesList:
    """The files that shape an agent, there or not."""
    workspace = _workspace(call, params.agent_id)

    def look() -> list[AgentFile]:
        return [AgentFile.of(workspace, name, shaping_file(workspace, name)) for name in SHAPING]

    files = await asyncio.to_thread(look)
    return AgentFilesList(agent_id=params.agent_id, workspace=str(workspace), files=files)


@method("agents.files.get", scope="operator.read")
async def get_file(call: Call, params: AgentFileParams) -> AgentFileGet:
    """One of those files with its text."""
    workspace = _workspace(call, params.agent_id)
    found = await asyncio.to_thread(read_shaping, workspace, params.name)
    entry, text = found or (None, None)
    file = AgentFile.of(workspace, params.name, entry, text)
    return AgentFileGet(agent_id=params.agent_id, workspace=str(workspace), file=file)


@method("agents.files.set", scope="operator.admin")
async def set_file(call: Call, params: AgentFileSetParams) -> AgentFileSet:
    """Write one of those files; the agent's next turn reads it."""
    workspace = _workspace(call, params.agent_id)
    entry = await asyncio.to_thread(write_shaping, workspace, params.name, params.content)
    file = AgentFile.of(workspace, params.name, entry, params.content)
    return AgentFileSet(agent_id=params.agent_id, workspace=str(workspace), file=file)


class WorkspaceListParams(AgentFilesParams):
    """Which directory, relative to the workspace, and which part of it."""

    path: str = ""
    offset: int = Field(0, ge=0)
    limit: int = Field(MAX_ENTRIES, ge=1)


class WorkspaceGetParams(AgentFilesParams):
    """Which file, relative to the workspace."""

    path: str = Field(min_length=1)


class WorkspaceEntry(Result):
    """One file or directory."""

    path: str
    name: str
    kind: Literal["file", "directory"]
    size: int | None = None
    updated_at_ms: int

    @classmethod
    def of(cls, entry: Entry) -> WorkspaceEntry:
        """The wire form of `entry`."""
        size = entry.size if entry.kind == "file" else None
        name = entry.path.rpartition("/")[2]
        return cls(path=entry.path, name=name, kind=entry.kind, size=size, updated_at_ms=entry.updated_at_ms)


class WorkspaceList(Result):
    """The answer of `agents.workspace.list`. `parentPath` is missing at the top."""

    agent_id: str
    path: str
    parent_path: str | None = None
    entries: list[WorkspaceEntry]
    total_entries: int
    offset: int


class WorkspaceFile(Result):
    """One file with what it holds; what is no text is base64."""

    path: str
    name: str
    size: int
    updated_at_ms: int
    mime_type: str
    encoding: Literal["utf8", "base64"]
    content: str


class WorkspaceGet(Result):
    """The answer of `agents.workspace.get`."""

    agent_id: str
    file: WorkspaceFile


@method("agents.workspace.list", scope="operator.read")
async def list_workspace(call: Call, params: WorkspaceListParams) -> WorkspaceList:
    """What a directory of the workspace holds."""
    entries = await asyncio.to_thread(browse, _workspace(call, params.agent_id), params.path)
    shown = entries[params.offset : params.offset + min(params.limit, MAX_ENTRIES)]
    path = params.path.strip("/")
    return WorkspaceList(
        agent_id=params.agent_id,
        path=path,
        parent_path=path.rpartition("/")[0] if path else None,
        entries=[WorkspaceEntry.of(entry) for entry in shown],
        total_entries=len(entries),
        offset=params.offset,
    )


@method("agents.workspace.get", scope="operator.read")
async def get_workspace_file(call: Call, params: WorkspaceGetParams) -> WorkspaceGet:
    """One file of the workspace."""
    found = await asyncio.to_thread(read_any, _workspace(call, params.agent_id), params.path)
    entry = found.entry
    file = WorkspaceFile(
        path=entry.path,
        name=entry.path.rpartition("/")[2],
        size=entry.size,
        updated_at_ms=entry.updated_at_ms,
        mime_type=found.mime_type,
        encoding=found.encoding,
        content=found.text,
    )
    return WorkspaceGet(agent_id=params.agent_id, file=file)


def _workspace(call: Call, agent_id: str) -> Path:
    agent = call.gateway.roster.agents.get(agent_id)
    if agent is None:
        raise AgentNotFound(agent_id)
    return Path(agent.workspace)
