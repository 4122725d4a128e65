"""The web console in a browser, on a real product."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.system.browser import Watched, chromium
from tests.system.conftest import Product
from tests.system.shops import LoadBalancer, Shop

from tidegate.cli import processes
from tidegate.cli.console_place import is_built

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]

PAGES = {
    "home": ("/", "Health of the whole"),
    "clusters": ("/clusters", "Clusters"),
    "cluster-services": ("/clusters/shop", "Services"),
    "cluster-tasks": ("/clusters/shop?tab=tasks", "Tasks"),
    "cluster-instances": ("/clusters/shop?tab=instances", "Container instances"),
    "service-health": ("/clusters/shop/services/shop", "Targets in shop"),
    "service-tasks": ("/clusters/shop/services/shop?tab=tasks", "Tasks"),
    "service-events": ("/clusters/shop/services/shop?tab=events", "Events"),
    "service-deployments": ("/clusters/shop/services/shop?tab=deployments", "Deployments"),
    "service-configuration": ("/clusters/shop/services/shop?tab=configuration", "Configuration"),
    "task-definitions": ("/task-definitions", "Task definitions"),
    "task-definition": ("/task-definitions/shop", "shop:1"),
    "task-definition-json": ("/task-definitions/shop/1?tab=json", "JSON"),
    "load-balancers": ("/load-balancers", "Load balancers"),
    "load-balancer": ("/load-balancers/shop", "Rules of HTTP:8080"),
    "target-groups": ("/target-groups", "Target groups"),
    "target-group": ("/target-groups/shop", "Registered targets"),
    "target-group-checks": ("/target-groups/shop?tab=checks", "Health checks"),
    "nothing-there": ("/clusters/none", "There is no such cluster"),
}
# With CI set: one of each kind of page.
SHORT = ("home", "cluster-instances", "service-deployments", "task-definition-json", "load-balancer")


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    if not is_built():
        message = "needs the console's files: scripts/console builds them"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
        )
        context.set_default_timeout(15_000)
        yield context


def _watched(context: BrowserContext, product: Product) -> Watched:
    return Watched(context.new_page(), f"{product.endpoint}/console")


def _signed_in(context: BrowserContext, product: Product) -> Watched:
    """A tab that followed a one-time link."""
    watched = _watched(context, product)
    watched.page.goto(product.tidegate("console", "--print").stdout.strip())
    watched.page.get_by_role("heading", name="Health of the whole").wait_for()
    return watched


def test_signing_in_and_out_is_shared_by_all_tabs_and_keeps_no_key(
    context: BrowserContext, product: Product
) -> None:
    one = _watched(context, product)
    one.page.goto(f"{one.url}/task-definitions")
    one.page.get_by_label("Access key ID").fill(product.settings["access_key"])
    one.page.get_by_label("Secret access key").fill("a guess")
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_text("SignatureDoesNotMatch").first).to_be_visible()
    assert one.findings() == []
    one.picture("sign-in")
    one.page.get_by_label("Secret access key").fill(product.settings["secret_key"])
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_text("There is no task definition yet")).to_be_visible()
    one.picture("empty")

    kept = str(one.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie"))
    assert "ASIA" in kept
    assert product.settings["secret_key"] not in kept
    other = _watched(context, product)
    other.open("/", "Health of the whole")
    link = product.tidegate("console", "--print").stdout.strip()

    other.page.get_by_role("button", name=re.compile("Region us-east-1")).click()
    other.page.get_by_role("menuitem", name="Sign out").click()
    for tab in (one, other):
        expect(tab.page.get_by_role("heading", name="Sign in to Tidegate")).to_be_visible()
    assert one.page.evaluate("localStorage.getItem('tidegate.session')") is None

    one.page.goto(link)
    one.page.get_by_role("heading", name="Health of the whole").wait_for()
    assert "code" not in one.page.url
    expect(other.page.get_by_role("heading", name="Health of the whole")).to_be_visible()
    late = _watched(context, product)
    late.page.goto(link)
    expect(late.page.get_by_text("This link was used already").first).to_be_visible()
    assert one.errors + other.errors + late.errors == []


def test_every_page_shows_what_runs_as_it_changes_and_through_a_restart_of_control(
    context: BrowserContext, product: Product
) -> None:
    shop = Shop(product)
    shop.open(2, loadBalancers=[LoadBalancer.made(product).use])
    tab = _signed_in(context, product)
    _look_at_all_pages(tab)

    tab.open("/clusters/shop/services/shop?tab=tasks", "Tasks")
    tab.page.get_by_label("Find tasks").fill("shop:1")
    expect(tab.page.get_by_text("2 of 2 tasks run")).to_be_visible()
    shop.ecs.update_service(cluster="shop", service="shop", desiredCount=3)
    expect(tab.page.get_by_text("3 of 3 tasks run")).to_be_visible()
    expect(tab.page.locator("tbody tr")).to_have_count(3)
    expect(tab.page.get_by_label("Find tasks")).to_have_value("shop:1")

    control = processes.read(product.data_dir, "control")
    assert control is not None
    os.kill(control.pid, signal.SIGSTOP)
    try:
        expect(tab.page.get_by_text("Disconnected")).to_be_visible(timeout=20_000)
        tab.picture("disconnected")
    finally:
        os.kill(control.pid, signal.SIGKILL)
    expect(tab.page.get_by_text("Disconnected")).to_be_hidden(timeout=30_000)
    expect(tab.page.get_by_label("Find tasks")).to_have_value("shop:1")
    shop.ecs.update_service(cluster="shop", service="shop", desiredCount=1)
    expect(tab.page.get_by_text("1 of 1 tasks run")).to_be_visible(timeout=30_000)
    assert tab.errors == []


def _look_at_all_pages(tab: Watched) -> None:
    """A picture and axe's findings of each, in light and in dark."""
    names = SHORT if os.environ.get("CI") else tuple(PAGES)
    findings = {}
    for theme in ("light", "dark"):
        for name in names:
            tab.open(*PAGES[name])
            expect(tab.page.get_by_text("Loading", exact=False)).to_have_count(0)
            tab.picture(f"{name}-{theme}")
            findings[name, theme] = tab.findings()
        if theme == "light":
            tab.page.get_by_role("button", name="Use the dark colours").click()
    assert {place: found for place, found in findings.items() if found} == {}
