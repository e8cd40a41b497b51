"""Docker for the sandboxes of a host: who may use it, and the image that sandboxes are made of."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from pyinfra.api.operation import OperationMeta

from clawfleet.fleet.features import Features, features_of, is_sandboxed
from clawfleet.fleet.instance import UNNAMED_PROFILE, GatewayInstance
from fleet_file import CheckedFleet
from layout import current_link
from operations.docker import docker_user, fresh_sandboxes, loaded_image, pruned_images, renewed_manager, running_docker
from rendered import workspaces
from shell import as_user


def prepare_docker(asked: Features, packages: Sequence[OperationMeta]) -> None:
    """Docker runs, where the fleet file speaks of it."""
    if asked.docker is not None:
        running_docker(name="Docker", packages=packages)


def let_in(asked: Features, instances: Sequence[GatewayInstance]) -> None:
    """The OS users of sandboxed gateways may use Docker; before their service managers begin, where they are new."""
    if asked.docker is not None:
        for user in sandbox_users(instances):
            docker_user(name=f"user {user}: Docker", user=user)


def renew_managers(asked: Features, instances: Sequence[GatewayInstance]) -> None:
    """Service managers that began too early begin anew, before gateways are held to the gate."""
    if asked.docker is not None:
        for user in sandbox_users([item for item in instances if item.service == "user"]):
            renewed_manager(name=f"user {user}: its services may use Docker", user=user)


def bring_image(checked: CheckedFleet, host_name: str) -> None:
    """The sandbox image is on the host, where the fleet file speaks of it."""
    image = checked.images.get(host_name)
    if image is not None:
        loaded_image(name=f"image {image.version}", image=image, order=images_order(checked, host_name))


def refresh_sandboxes(checked: CheckedFleet, instance: GatewayInstance) -> None:
    """Idle containers of an older image are gone; they are made anew when they are used next."""
    if instance.host in checked.images and is_sandboxed(instance):
        fresh_sandboxes(
            name=f"gateway {instance.name}: sandboxes",
            gateway=instance.name,
            command=recreate(instance),
            order=images_order(checked, instance.host),
        )


def prune_images(checked: CheckedFleet, host_name: str) -> None:
    """Old versions of the image are gone."""
    if host_name in checked.images:
        pruned_images(name="old sandbox images", order=images_order(checked, host_name))


def sandbox_users(instances: Sequence[GatewayInstance]) -> list[str]:
    """The OS users whose gateways run tools in containers."""
    return sorted({item.os_user for item in instances if is_sandboxed(item)})


def images_order(checked: CheckedFleet, host_name: str) -> str:
    """What remote/sandbox_images.py is asked."""
    section = features_of(checked.fleet, host_name).sandbox
    assert section is not None
    gateways = [
        {"name": item.name, "places": [item.state_dir, *workspaces(item)]}
        for item in checked.on(host_name)
        if is_sandboxed(item)
    ]
    return json.dumps({"image": section.image, "keep": section.keep, "gateways": gateways}, sort_keys=True)


def recreate(instance: GatewayInstance) -> str:
    """Shell text of the gateway's own command, as its user."""
    named = [] if instance.profile == UNNAMED_PROFILE else ["--profile", instance.profile]
    env = ["env", "-i", f"HOME={instance.home}", "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"]
    env += [f"OPENCLAW_STATE_DIR={instance.state_dir}", f"OPENCLAW_CONFIG_PATH={instance.config_path}"]
    program = f"{current_link(instance)}/bin/openclaw"
    return as_user(instance.os_user, shlex.join([*env, program, *named, "sandbox", "recreate", "--all", "--force"]))
