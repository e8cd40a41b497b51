"""What the published page asks of its host."""

from pathlib import Path

from clawfleet import __version__
from tests.support.device import DeviceKey
from tests.unit.rpc.house import TOKEN
from tests.unit.server.served import Served, serve


async def test_it_names_the_agent_that_answers(tmp_path: Path) -> None:
    config = {"agents": {"entries": {"ops": {"name": "Ops", "identity": {"emoji": "🛠"}}}}}
    async with serve(tmp_path, config) as served, served.http() as http:
        reply = await http.get("/control-ui-config.json")
    assert reply.json() == {
        "basePath": "",
        "assistantName": "Ops",
        "assistantAvatar": "🛠",
        "assistantAgentId": "ops",
        "serverVersion": __version__,
        "embedSandbox": "scripts",
        "terminalEnabled": False,
        "pluginFrameGrants": [],
    }
    assert reply.headers["cache-control"] == "no-store"


async def test_it_is_for_who_shows_the_secret_or_the_token_of_a_device(served: Served) -> None:
    async with served.open() as client:
        token = (await client.connect(TOKEN, key=DeviceKey()))["payload"]["auth"]["deviceToken"]
    for shown, status in ((token, 200), (None, 401), ("wrong", 401)):
        async with served.http(token=shown) as http:
            reply = await http.get("/control-ui-config.json")
        assert reply.status_code == status
        if status == 401:
            assert reply.json() == {"error": {"message": "Unauthorized", "type": "unauthorized"}}


async def test_without_the_page_it_is_not_there(tmp_path: Path) -> None:
    async with serve(tmp_path, {"gateway": {"controlUi": {"enabled": False}}}) as served, served.http() as http:
        assert (await http.get("/control-ui-config.json")).status_code == 404
