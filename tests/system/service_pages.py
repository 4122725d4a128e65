"""What an operator does on the pages of services: steps of the stories that browsers play."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.system.browser import Watched


def choose(tab: Watched, label: str, option: str) -> None:
    tab.page.get_by_role("button", name=re.compile(f"^{label} ")).click()
    tab.page.get_by_role("option", name=re.compile(option)).click()


def create_service(tab: Watched) -> None:
    """By the wizard, behind the load balancer, and wait until it is in use."""
    page = tab.page
    page.get_by_role("link", name="Create service").first.click()
    # The table of services has a column of task definitions, with a button that sorts by it.
    expect(page.get_by_role("heading", name="Configure service")).to_be_visible()
    page.get_by_role("button", name="Task definition").click()
    page.get_by_role("option", name="shop").click()
    page.get_by_label("Service name").fill("again")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Application Load Balancer").check()
    choose(tab, "Load balancer", "^shop")
    choose(tab, "Container to load balance", "^web:0:8080")
    page.get_by_role("button", name="Add to ELB").click()
    choose(tab, "Production listener port", "^8081:HTTP")
    choose(tab, "Target group name", "^shop")
    tab.picture("service-wizard")
    assert tab.findings() == []
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Configure Service Auto Scaling").check()
    page.get_by_label("Policy name").fill("cpu")
    tab.picture("service-wizard-scaling")
    assert tab.findings() == []
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Create service").click()
    expect(page.get_by_text("Service again was created.")).to_be_visible()
    expect(page.get_by_text("1 of 1 tasks run")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("1 of 1 healthy", exact=False)).to_be_visible(timeout=30_000)


def scale_service(tab: Watched) -> None:
    """On the tab of service `again`, which the wizard made with a policy: other bounds, a schedule, steps."""
    page, question = tab.page, tab.page.get_by_role("dialog")
    page.get_by_role("tab", name="Auto scaling").click()
    expect(page.get_by_text("ECSServiceAverageCPUUtilization at 60")).to_be_visible()
    page.get_by_role("button", name="Edit bounds").click()
    question.get_by_label("Maximum number of tasks").fill("3")
    question.get_by_role("button", name="Edit bounds").click()
    expect(page.get_by_text("again has 1 to 3 tasks.")).to_be_visible()
    page.get_by_role("button", name="Create scheduled action").click()
    question.get_by_label("Action name").fill("now")
    question.get_by_label("Schedule").fill("at(yesterday)")
    question.get_by_label("Minimum number of tasks").fill("2")
    question.get_by_role("button", name="Create scheduled action").click()
    expect(question.get_by_text("ValidationException", exact=False).first).to_be_visible()
    question.get_by_label("Schedule").fill("rate(1 day)")
    question.get_by_role("button", name="Create scheduled action").click()
    expect(page.get_by_text("now is scheduled.")).to_be_visible()
    page.get_by_role("button", name="Create step policy").click()
    question.get_by_label("Policy name").fill("out")
    question.get_by_role("button", name="Add step").click()
    question.get_by_role("button", name="Create step policy").click()
    expect(question.get_by_text("a bound at least", exact=False).first).to_be_visible()
    tab.picture("scaling-steps")
    assert tab.findings() == []
    question.get_by_role("button", name="Remove the step").last.click()
    question.get_by_role("button", name="Create step policy").click()
    expect(page.get_by_text("from 0: +1")).to_be_visible()
    tab.picture("service-scaling")
    assert tab.findings() == []


def update_service(tab: Watched) -> None:
    """What the small question does not ask, on a page of its own, over a fault."""
    page = tab.page
    page.get_by_role("button", name="Update").click()
    page.get_by_role("link", name="Deployment settings, load balancing, placement and tags").click()
    page.get_by_label("Maximum percent").fill("100")
    page.get_by_role("button", name="Update service").click()
    expect(page.get_by_text("else no task could ever be replaced", exact=False).first).to_be_visible()
    page.get_by_label("Maximum percent").fill("150")
    page.get_by_label("Health check grace period").fill("7")
    tab.picture("update-service-page")
    assert tab.findings() == []
    page.get_by_role("button", name="Update service").click()
    expect(page.get_by_role("heading", name="Timeline of shop")).to_be_visible()
    page.get_by_role("tab", name="Configuration").click()
    expect(page.get_by_text("100 % and 150 %")).to_be_visible()
    expect(page.get_by_text("7 s", exact=True)).to_be_visible()


def run_tasks(tab: Watched) -> None:
    """Two tasks of no service, with another command, and both stopped at once."""
    page = tab.page
    page.get_by_role("link", name="shop", exact=True).first.click()
    # A service's page has a tab of tasks, too.
    expect(page.get_by_role("tab", name="Container instances")).to_be_visible()
    page.get_by_role("tab", name="Tasks").click()
    page.get_by_role("link", name="Run task").click()
    choose(tab, "Task definition", "^shop")
    page.get_by_label("Number of tasks").fill("2")
    page.get_by_label("Memory, in MiB").fill("1000000")
    page.get_by_role("button", name="Run task").click()
    expect(page.get_by_text("RESOURCE:MEMORY", exact=False).first).to_be_visible()
    page.get_by_label("Memory, in MiB").fill("")
    tab.picture("run-task")
    assert tab.findings() == []
    page.get_by_role("button", name="Run task").click()
    expect(page.get_by_text("2 tasks of shop started.")).to_be_visible()
    page.get_by_label("Find tasks").fill("family:shop")
    expect(page.locator("tbody").get_by_role("checkbox")).to_have_count(2)
    page.get_by_role("checkbox", name="Choose all tasks of this page").check()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("2 tasks stop.")).to_be_visible()
    expect(page.locator("tbody").get_by_role("checkbox")).to_have_count(0)
