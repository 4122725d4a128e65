"""The web console in a browser, on a real product."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.system.browser import Watched, look_at, signed_in, watched
from tests.system.conftest import Product
from tests.system.service_pages import create_service, run_tasks, scale_service, update_service
from tests.system.shops import LoadBalancer, Shop, until

from tidegate.cli import processes

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
    "service-deployments": ("/clusters/shop/services/shop?tab=deployments", "Timeline of shop"),
    "service-configuration": ("/clusters/shop/services/shop?tab=configuration", "Configuration"),
    "task-definitions": ("/task-definitions", "Task definitions"),
    "task-definition": ("/task-definitions/shop", "shop:1"),
    "task-definition-json": ("/task-definitions/shop/1?tab=json", "JSON"),
    "load-balancers": ("/load-balancers", "Load balancers"),
    "load-balancer": ("/load-balancers/shop", "Rules of HTTP:"),
    "target-groups": ("/target-groups", "Target groups"),
    "target-group": ("/target-groups/shop", "Registered targets"),
    "target-group-checks": ("/target-groups/shop?tab=checks", "Health checks"),
    "instances": ("/instances", "Instances"),
    "vpcs": ("/vpcs", "VPCs"),
    "subnets": ("/subnets", "Subnets"),
    "security-groups": ("/security-groups", "Security groups"),
    "key-pairs": ("/key-pairs", "Key pairs"),
    "create-cluster": ("/create-cluster", "Cluster and instances"),
    "task-definition-form": ("/register-task-definition?from=shop:1", "New revision of shop"),
    "task-definition-changes": ("/task-definitions/shop/1?tab=changes", "Changes"),
    "nothing-there": ("/clusters/none", "There is no such cluster"),
}
CI = os.environ.get("CI")
# With CI set: one of each kind of page.
SHORT = ("home", "service-deployments", "load-balancer")


def test_signing_in_and_out_is_shared_by_all_tabs_and_keeps_no_key(
    context: BrowserContext, product: Product
) -> None:
    one = watched(context, product)
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
    expect(one.page).to_have_title("Task definitions · Tidegate")
    one.picture("empty")

    kept = str(one.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie"))
    assert "ASIA" in kept
    assert product.settings["secret_key"] not in kept
    other = watched(context, product)
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
    late = watched(context, product)
    late.page.goto(link)
    expect(late.page.get_by_text("This link was used already").first).to_be_visible()
    assert one.errors + other.errors + late.errors == []


def test_what_a_service_needs_is_made_step_by_step_and_over_errors(
    context: BrowserContext, product: Product
) -> None:
    elbv2, ec2 = product.client("elbv2"), product.client("ec2")
    subnets = ec2.describe_subnets()["Subnets"]
    vpc_id = subnets[0]["VpcId"]
    # In the way of the wizard's: made otherwise, under its name.
    elbv2.create_target_group(Name="users", Protocol="HTTP", Port=1, VpcId=vpc_id)
    tab = signed_in(context, product)
    page = tab.page
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    tab.picture("home-empty")
    assert tab.findings() == []
    page.get_by_role("link", name="create a cluster").click()
    page.get_by_role("link", name="Create cluster").click()
    page.get_by_label("Cluster name").fill("shop")
    page.get_by_label("Number of instances").fill("0")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Create cluster").click()
    expect(page.get_by_text("Cluster shop was created.")).to_be_visible()
    expect(page.get_by_text("No instance has joined")).to_be_visible()
    _register_two_revisions(tab)

    page.get_by_role("link", name="Load balancers").first.click()
    page.get_by_role("link", name="Create load balancer").click()
    following = page.get_by_role("button", name="Next")
    following.click()
    expect(page.get_by_text("Choose two subnets or more, in different zones.").first).to_be_visible()
    tab.picture("wizard-faults")
    assert tab.findings() == []
    page.get_by_label("Name").fill("shop")
    page.get_by_label("Listener: HTTP on port").fill("8080")
    page.get_by_role("button", name="VPC").click()
    page.get_by_role("option", name=re.compile(vpc_id)).click()
    page.get_by_role("button", name="Availability zones and subnets").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    following.click()
    expect(page.get_by_text("The listener speaks HTTP on port 8080")).to_be_visible()
    following.click()
    page.get_by_label("Name of the security group").fill("shop-web")
    following.click()
    page.get_by_label("Name of the target group").fill("users")
    page.get_by_label("Health check path").fill("/ping")
    following.click()
    following.click()
    tab.picture("wizard-review")
    page.get_by_role("button", name="Create load balancer").click()
    expect(page.get_by_text(re.compile("DuplicateTargetGroupName")).first).to_be_visible()
    tab.picture("wizard-error")
    page.get_by_role("button", name="Previous").click()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_label("Health check path")).to_have_value("/ping")
    page.get_by_label("Name of the target group").fill("people")
    following.click()
    following.click()
    page.get_by_role("button", name="Create load balancer").click()
    expect(page.get_by_text("Load balancer shop was created.")).to_be_visible()
    expect(page.get_by_role("link", name="people").first).to_be_visible()

    [made] = elbv2.describe_load_balancers()["LoadBalancers"]
    [group] = ec2.describe_security_groups(GroupIds=made["SecurityGroups"])["SecurityGroups"]
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group["IpPermissions"]] == [(8080, 8080)]
    assert len(made["AvailabilityZones"]) == 2
    [checked] = elbv2.describe_target_groups(Names=["people"])["TargetGroups"]
    assert (checked["HealthCheckPath"], checked["VpcId"]) == ("/ping", vpc_id)
    assert tab.errors == []


def _register_two_revisions(tab: Watched) -> None:
    page = tab.page
    page.get_by_role("link", name="Task definitions").first.click()
    page.get_by_role("link", name="Register task definition").click()
    page.get_by_role("tab", name="JSON").click()
    text = page.get_by_role("textbox", name="Task definition")
    example = text.input_value()
    text.fill(example[:-1])
    expect(page.get_by_text("This is no JSON").first).to_be_visible()
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("Something has to be mended first")).to_be_visible()
    assert tab.findings() == []
    text.fill(example.replace('"family"', '"networkMode": "awsvpc", "family"'))
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("ClientException").first).to_be_visible()
    tab.picture("register")
    text.fill(example)
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", name="my-service:1")).to_be_visible()
    page.get_by_role("link", name="New revision").click()
    expect(page.get_by_label("Family")).to_have_value("my-service")
    page.get_by_role("tab", name="JSON").click()
    expect(text).to_have_value(re.compile('"family": "my-service"'))
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", name="my-service:2")).to_be_visible()


def test_every_page_shows_what_runs_as_it_changes_and_through_a_restart_of_control(
    context: BrowserContext, product: Product
) -> None:
    shop = Shop(product)
    shop.open(2, loadBalancers=[LoadBalancer.made(product).use])
    tab = signed_in(context, product)
    look_at(tab, {name: PAGES[name] for name in (SHORT if CI else PAGES)})

    tab.open("/clusters/shop/services/shop?tab=tasks", "Tasks")
    tab.page.get_by_label("Find tasks").fill("shop:1")
    expect(tab.page.get_by_text("2 of 2 tasks run")).to_be_visible()
    tab.page.get_by_role("button", name="Update").click()
    question = tab.page.get_by_role("dialog")
    question.get_by_label("Desired tasks").fill("three")
    expect(question.get_by_text("A whole number, 0 or more.")).to_be_visible()
    question.get_by_label("Desired tasks").fill("3")
    tab.picture("update-service")
    assert tab.findings() == []
    question.get_by_role("button", name="Update").click()
    expect(tab.page.get_by_text("shop is being updated.")).to_be_visible()
    expect(tab.page.get_by_text("3 of 3 tasks run")).to_be_visible()
    expect(tab.page.locator("tbody tr")).to_have_count(3)
    expect(tab.page.get_by_label("Find tasks")).to_have_value("shop:1")

    old = {task["taskArn"] for task in shop.tasks}
    tab.page.locator("tbody").get_by_role("checkbox").first.check()
    tab.page.get_by_role("button", name="Stop", exact=True).click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    until(lambda: len({task["taskArn"] for task in shop.tasks} - old) == 1, "the task was replaced")
    expect(tab.page.locator("tbody tr")).to_have_count(3)

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

    tab.page.get_by_role("button", name="Delete").click()
    question.get_by_label("Type the service's name").fill("another")
    question.get_by_role("button", name="Delete").click()
    expect(question.get_by_text("The name that was typed is not the service's.")).to_be_visible()
    question.get_by_label("Type the service's name").fill("shop")
    question.get_by_role("button", name="Delete").click()
    expect(tab.page.get_by_text("This cluster has no service yet")).to_be_visible(timeout=30_000)
    create_service(tab)
    scale_service(tab)
    update_service(tab)
    run_tasks(tab)
    assert tab.errors == []
    _scripts_that_do_not_come(watched(context, product))


def _scripts_that_do_not_come(tab: Watched) -> None:
    """What cannot be loaded says so, comes without a reload once it can be, and takes no form with it."""
    page = tab.page
    refused = "A part of the console could not be loaded."
    tab.open("/create-alarm", "Metric")
    page.evaluate("window.isSame = true")
    page.get_by_label("Alarm name").fill("busy")
    page.route("**/console/assets/*.js", lambda route: route.abort())
    for label, option in (("Namespace", "AWS/ECS"), ("Metric", "CPUUtilization"), ("Dimensions", "")):
        page.get_by_role("button", name=re.compile(f"^{label} ")).click()
        page.get_by_role("option", name=option).first.click()
    expect(page.get_by_text("The chart cannot be shown")).to_be_visible()
    expect(page.get_by_text(refused)).to_be_visible()
    tab.picture("chart-not-loaded")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("The chart cannot be shown")).to_be_hidden()
    # There is a point once a minute is over.
    chart = page.get_by_role("application", name="What it sees")
    expect(chart.or_(page.get_by_text("No point in this range")).first).to_be_visible()
    expect(page.get_by_label("Alarm name")).to_have_value("busy")

    page.route("**/console/assets/*.js", lambda route: route.abort())
    page.get_by_role("link", name="Key pairs").click()
    tab.picture("leave")
    assert tab.findings() == []
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    expect(page.get_by_text("The page cannot be shown")).to_be_visible()
    expect(page.get_by_text(refused)).to_be_visible()
    tab.picture("page-not-loaded")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("There is no key pair yet")).to_be_visible()
    assert page.evaluate("window.isSame") is True
    assert [error for error in tab.errors if refused not in error] == []
