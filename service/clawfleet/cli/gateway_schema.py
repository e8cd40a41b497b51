"""`openclaw gateway schema`: the protocol of this release as JSON Schema. Needs no running gateway."""

from __future__ import annotations

import click

from clawfleet.cli.output import print_json


@click.command("schema")
@click.option("--json", "as_json", is_flag=True, help="Accepted for scripts; the output is JSON anyway.")
@click.argument("method", required=False)
def command(method: str | None, as_json: bool) -> None:
    """Print the JSON Schema of frames, methods, events and scopes; of one METHOD when it is named."""
    from clawfleet import rpc
    from clawfleet.core.errors import NotFoundError
    from clawfleet.rpc.registry import collect
    from clawfleet.rpc.schema import gateway_schema
    from clawfleet.server.broadcast import EVENTS

    whole = gateway_schema(collect(rpc), EVENTS)
    if method is None:
        print_json(whole)
        return
    if method not in whole["methods"]:
        raise NotFoundError(f"no method {method}", hint="all of them: openclaw gateway schema")
    print_json({"$schema": whole["$schema"], **whole["methods"][method], "$defs": _used(whole, method)})


def _used(whole: dict[str, dict[str, object]], method: str) -> dict[str, object]:
    """The definitions that one method's shapes refer to, directly or through others."""
    definitions, used, todo = whole["$defs"], dict[str, object](), [str(whole["methods"][method])]
    while todo:
        text = todo.pop()
        for name, schema in definitions.items():
            if name not in used and f"'#/$defs/{name}'" in text:
                used[name] = schema
                todo.append(str(schema))
    return used
