"""What is told of an approval that ran out of time."""

from clawfleet.rpc.approval_shapes import snapshot
from clawfleet.tools.approvals import Approvals, Asked
from tests.unit.rpc.house import House
from tests.unit.rpc.test_exec_approvals import Page


async def test_an_expired_one_has_no_decision() -> None:
    approvals = Approvals()
    approvals.announce = lambda approval: 1
    approval = approvals.request(Asked(command="ls", allowed=("allow-once", "deny")))
    approvals.withdraw(approval)
    told = snapshot(approval)
    assert (told["status"], told["reason"]) == ("expired", "timeout")
    assert "decision" not in told and told["source"] == {}


async def test_who_can_approve_hears_that_it_is_over(house: House) -> None:
    page = Page(house)
    approvals = house.gateway.toolbox.approvals
    approvals.withdraw(approvals.request(Asked(command="ls", allowed=("allow-once", "deny"))))
    assert [frame["event"] for frame in page.heard] == ["exec.approval.requested", "exec.approval.resolved"]
    assert page.heard[1]["payload"]["decision"] is None
