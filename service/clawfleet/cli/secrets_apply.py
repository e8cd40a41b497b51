"""`openclaw secrets apply`: references in place of secrets, in the config and in its older versions beside it."""

from __future__ import annotations

from pathlib import Path

import click

from clawfleet.cli.context import CliContext, pass_cli
from clawfleet.cli.output import print_json, tell
from clawfleet.cli.own_files import config_versions
from clawfleet.config.change import new_file_text
from clawfleet.config.env import Instance
from clawfleet.config.secret_plan import SecretPlan, follow, read_plan, scrubbed
from clawfleet.config.write import change_file, read_exactly
from clawfleet.store.files import write_private


@click.command(
    "apply",
    epilog="""\b
Examples:
  openclaw secrets apply --from plan.json --dry-run
  openclaw secrets apply --from plan.json

\b
A plan:
  {"version": 1, "targets": [{
    "type": "models.providers.apiKey", "path": "models.providers.x.apiKey",
    "ref": {"source": "env", "id": "X_API_KEY"}}]}""",
)
@click.option("--from", "plan_file", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The plan.")
@click.option("--dry-run", is_flag=True, help="Check only; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@pass_cli
def command(cli: CliContext, plan_file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Put the references of a plan into the config; older versions beside it lose those secrets too.

    Every variable must be set before, with `openclaw secrets set`.
    """
    instance = cli.instance
    plan = read_plan(plan_file)
    if dry_run:
        old = read_exactly(instance.config_path) if instance.config_path.exists() else None
        changed = [instance.config_path] if follow(instance, old or new_file_text(), plan) != old else []
    else:
        is_changed = change_file(
            instance.config_path, instance.environ, lambda text: follow(instance, text or new_file_text(), plan)
        )
        changed = [*([instance.config_path] if is_changed else []), *scrub(instance, plan)]
    if as_json:
        print_json(
            {
                "ok": True,
                "mode": "dry-run" if dry_run else "write",
                "targets": len(plan.targets),
                "changed": bool(changed),
                "changedFiles": [str(file) for file in changed],
                "warningCount": 0,
                "warnings": [],
            }
        )
        return
    if not changed:
        click.echo("No change")
        return
    what = "Dry run: would change" if dry_run else "Changed"
    click.echo(f"{what} {', '.join(instance.shown(file) for file in changed)}")
    if not dry_run:
        tell("A running gateway takes it up by itself; a changed .env with: openclaw secrets reload")


def scrub(instance: Instance, plan: SecretPlan) -> list[Path]:
    """The older versions of a config in which a secret of the plan stood; they have its reference now."""
    changed = []
    for file in config_versions(instance):
        try:
            old = read_exactly(file)
        except UnicodeDecodeError:
            continue
        if (new := scrubbed(old, plan)) != old:
            write_private(file, new, like=file)
            changed.append(file)
    return changed
