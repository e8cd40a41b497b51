"""No plugins, said in the shape of those who have some."""

from tests.unit.rpc.house import House


async def test_there_are_no_plugins_and_none_can_be_installed(house: House) -> None:
    listed = await house.call("plugins.list")
    assert (listed["plugins"], listed["mutationAllowed"], listed["generation"]) == ([], False, 0)
    assert listed["diagnostics"] == [{"level": "info", "message": "this gateway loads no plugins"}]
    assert (await house.call("plugins.catalog.browse", intent="all", pageSize=100)) == {"items": []}


async def test_no_plugin_adds_a_page(house: House) -> None:
    listed = await house.call("plugins.controlUi.list")
    assert (listed["plugins"], listed["diagnostics"]) == ([], [])
    assert len(listed["revision"]) == 64
