"""A real MCP server, made with the official library: `python -m tests.fakes.mcp_server <transport> <port>`.

Its tools do what tests want: echo, count over calls, wait, meet, die, send a picture, fail, tell a variable, add one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp_types import ToolAnnotations

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"

server = MCPServer("fake", log_level="ERROR")
calls = 0
came = 0
all_here = asyncio.Event()


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def echo(text: str) -> str:
    """Say it again."""
    return f"echo: {text}"


@server.tool()
def count() -> str:
    """How often it was called in this process."""
    global calls  # noqa: PLW0603 - it is what the process remembers
    calls += 1
    return f"{calls} in {os.getpid()}"


@server.tool()
async def wait(seconds: float) -> str:
    """Wait."""
    await asyncio.sleep(seconds)
    return "waited"


@server.tool()
async def meet(count: int) -> str:
    """Wait until so many calls are in here at the same time."""
    global came  # noqa: PLW0603 - it is what the process remembers
    came += 1
    if came == count:
        all_here.set()
    await all_here.wait()
    return "met"


@server.tool()
def die() -> str:
    """End the process at once."""
    print("going down", file=sys.stderr, flush=True)
    os._exit(3)


@server.tool()
def draw() -> Image:
    """A picture."""
    return Image(data=PNG, format="png")


@server.tool()
def fail() -> str:
    """Go wrong."""
    raise ValueError("that went wrong")


@server.tool()
def variable(name: str) -> str:
    """An environment variable."""
    return os.environ.get(name, "(unset)")


@server.tool()
def lots(count: int) -> str:
    """Many characters."""
    return "x" * count


@server.tool(name="odd name/!")
def odd() -> str:
    """A name that providers refuse."""
    return "odd"


@server.tool()
async def learn(context: Context[Any, Any]) -> str:
    """Bring one more tool."""
    server.add_tool(lambda: "new", name="fresh", description="It came later.")
    await context.notify_tools_changed()
    await context.session.send_tool_list_changed()
    return "learnt"


def main() -> None:
    """Serve until the other side goes."""
    transport = sys.argv[1] if len(sys.argv) > 1 else "stdio"
    if transport == "stdio":
        print("fake server is up", file=sys.stderr, flush=True)
        server.run("stdio")
    else:
        server.run(transport, port=int(sys.argv[2]))  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
