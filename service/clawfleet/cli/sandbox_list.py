"""`openclaw sandbox list`: this instance's containers, with a broken config too. Source: tools-and-sessions §5.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import age, print_json
from clawfleet.cli.sandbox_containers import containers_of, images_now, scope_of
from clawfleet.config.env import Instance
from clawfleet.sandbox.reuse import Found
from clawfleet.sandbox.spec import agent_of, settings_for
from clawfleet.sandbox.uses import Uses


@click.command("list", epilog="\b\nExamples:\n  openclaw sandbox list\n  openclaw sandbox list --json")
@click.option("--browser", is_flag=True, help="Browsers only; this gateway starts none.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_cli
def command(cli: CliContext, *, browser: bool, as_json: bool) -> None:
    """List the containers of this instance, running or not; other instances' are not shown."""
    found = [] if browser else containers_of(cli.instance)
    rows = _documents(cli, found) if found else []
    if as_json:
        print_json({"containers": rows, "browsers": []})
        return
    if not rows:
        click.echo("No sandbox runtimes found.")
        return
    for row in rows:
        for line in _lines(row):
            click.echo(line)
    click.echo(f"Total: {len(rows)} ({sum(row['running'] for row in rows)} running)")


def _documents(cli: CliContext, found: list[Found]) -> list[dict[str, Any]]:
    wanted = {each.name: _wanted_image(cli, each) for each in found}
    now = images_now(cli.instance, [each.image for each in found])
    return [document(cli.instance, each, wanted[each.name], now) for each in found]


def document(instance: Instance, found: Found, wanted: str | None, images: Mapping[str, str | None]) -> dict[str, Any]:
    """A container, for scripts. `imageMatch`: made from what the configured image is now; null when nobody knows."""
    is_newest = images.get(found.image) in (None, found.image_id)
    return {
        "containerName": found.name,
        "containerId": found.id,
        "backendId": "docker",
        "runtimeLabel": found.name,
        "sessionKey": scope_of(found),
        "agentId": agent_of(scope_of(found)) or None,
        "createdAtMs": found.created_at_ms,
        "lastUsedAtMs": Uses(instance.state_dir).at_ms(found.name) or found.created_at_ms,
        "image": found.image,
        "configLabelKind": "Image",
        "configHash": found.labels.get("openclaw.configHash", ""),
        "workspaceDir": found.labels.get("openclaw.workspaceDir", ""),
        "running": found.running,
        "imageMatch": None if wanted is None else wanted == found.image and is_newest,
    }


def _wanted_image(cli: CliContext, found: Found) -> str | None:
    """The image that the config names for this container; None when the config cannot be read."""
    snapshot, _ = cli.snapshot_or_error
    return settings_for(snapshot.config.agents, agent_of(scope_of(found))).docker.image if snapshot else None


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    mark = {True: " ✓", False: " ⚠ not what the config asks for", None: ""}[row["imageMatch"]]
    yield row["containerName"]
    yield f"  Status:  {'running' if row['running'] else 'stopped'}"
    yield f"  Image:   {row['image']}{mark}"
    yield f"  Age:     {age(row['createdAtMs'])}"
    yield f"  Idle:    {age(row['lastUsedAtMs'])}"
    yield f"  Session: {row['sessionKey']}"
    yield ""
