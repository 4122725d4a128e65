"""The whole tutorial in a browser, with mouse and keyboard alone: from an empty region to a service that
scales, over the mistakes and the outage that an operator meets."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Page, TimeoutError, expect
from tests.system.browser import Watched, watched
from tests.system.conftest import Product

from tidegate.cli import processes
from tidegate.cli.demo.load import Kind, LoadGenerator
from tidegate.cli.demo.stage import build, examples_dir

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(900)]

# As the demo: policies act so many times as fast as on AWS.
SPEED = "12"
FAMILY, SERVICE, CLUSTER = "testdriven-staging", "users", "staging"
# A block of addresses, and how a list of VPCs shows it.
ELSEWHERE, LISTED_ELSEWHERE = "172.16.0.0/16", r"172\.16\.0\.0"
# Requests a minute that one task should answer, and a second that are too many for one.
TARGET, BUSY_RATE = "1500", 40.0
# With CI set axe looks at these steps alone: the other stories show it their pages.
IS_SHORT = bool(os.environ.get("CI"))
LOOKED_AT = (
    "wrong-vpc-warning",
    "zone-warning",
    "service-wizard-scaling",
    "deployment",
    "scaled-out",
    "disconnected",
)
CHECKS = (("Interval, s", "5"), ("Timeout, s", "2"), ("Healthy after, successes", "2"))
# Milliseconds, of a machine that has much else to do.
SOON, SLOW = 45_000, 120_000


class Tutorial:
    """One tab that plays it, step by step."""

    def __init__(self, tab: Watched, product: Product) -> None:
        self.tab, self.page, self.product = tab, tab.page, product
        self.page.set_default_timeout(SOON)
        self._number = 0
        self.findings: dict[str, list[str]] = {}

    def look(self, name: str) -> None:
        """Pictures and axe's findings of what is shown, in light and in dark."""
        self._number += 1
        self.page.evaluate("scrollTo(0, 0)")
        if IS_SHORT and name not in LOOKED_AT:
            self.tab.picture(f"tutorial-{self._number:02}-{name}-light")
            return
        for theme, other in (("light", "dark"), ("dark", "light")):
            self.tab.picture(f"tutorial-{self._number:02}-{name}-{theme}")
            if found := self.tab.findings():
                self.findings[f"{name}, {theme}"] = found
            self.page.get_by_role("button", name=f"Use the {other} colours").click()

    def click(self, name: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        """From a list that opens at a click."""
        self.page.get_by_role("button", name=re.compile(f"^{label} ")).first.click()
        self.page.get_by_role("option", name=re.compile(option)).first.click()

    def choose_two(self, label: str, zones: Sequence[str] = ("us-east-1a", "us-east-1b")) -> None:
        """Subnets of two zones, from a list that stays open."""
        first, second = zones
        self.choose(label, first)
        self.page.get_by_role("option", name=re.compile(second)).first.click()
        self.page.keyboard.press("Escape")

    def sees(self, text: str | re.Pattern[str], milliseconds: float = SOON) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=milliseconds)

    def section(self, name: str) -> None:
        """By the navigation."""
        sections = self.page.get_by_role("navigation", name="Sections")
        sections.get_by_role("link", name=name, exact=True).click()


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def product(request: pytest.FixtureRequest, start_product: Callable[..., Product]) -> Product:
    if request.param == "docker" and IS_SHORT:
        pytest.skip("the tutorial on Docker is part of the long form: unset CI")
    options = ("--scaling-speed", SPEED, "--host-lost-after", "5")
    product: Product = start_product("data", *options, runtime=request.param)
    build(product.data_dir, examples_dir() / "users-service", "users-service:1", runtime=request.param)
    return product


# The product first: Playwright keeps a loop running in this thread, and an image is built with its own.
def test_the_tutorial_is_played_with_mouse_and_keyboard(product: Product, context: BrowserContext) -> None:
    story = Tutorial(watched(context, product), product)
    try:
        play(story, context)
    except Exception:
        # The picture of its end is the next runtime's a moment later.
        print(story.page.url, story.page.locator("body").inner_text(), sep="\n")
        raise
    finally:
        # A picture that cannot be had would hide what failed.
        with suppress(TimeoutError):
            story.tab.picture("tutorial-end")
    assert story.findings == {}
    assert story.tab.errors == []


def play(story: Tutorial, context: BrowserContext) -> None:
    sign_in(story)
    create_another_vpc(story)
    create_load_balancer(story, "misplaced", LISTED_ELSEWHERE, ("us-east-1a", "us-east-1b"))
    create_cluster(story)
    register(story)
    meet_the_wrong_vpc(story)
    create_load_balancer(story, "users", "the default VPC", ("us-east-1b", "us-east-1c"))
    shorten_times(story)
    meet_the_missing_zone(story)
    create_service(story)
    address = open_its_name(story, context)
    deploy_a_revision(story)
    scale_out(story, address)
    # AWS's alarm for scaling in looks at 15 periods: enough time for these.
    stop_a_task(story)
    lose_control_over_a_form(story)
    scale_in(story)


def sign_in(story: Tutorial) -> None:
    story.page.goto(f"{story.tab.url}/")
    story.fill("Access key ID", story.product.settings["access_key"])
    story.fill("Secret access key", story.product.settings["secret_key"])
    story.page.keyboard.press("Enter")
    story.sees("Nothing runs yet")
    story.look("empty-home")


def create_another_vpc(story: Tutorial) -> None:
    """One in which nothing will run, with subnets in two zones."""
    dialog = story.page.get_by_role("dialog")
    story.section("VPCs")
    story.click("Create VPC")
    dialog.get_by_label("VPC name").fill("elsewhere")
    dialog.get_by_label("Addresses").fill(ELSEWHERE)
    dialog.get_by_role("button", name="Create VPC").click()
    story.sees("VPC elsewhere was created")
    story.section("Subnets")
    for number, zone in enumerate(("us-east-1a", "us-east-1b")):
        block = f"172.16.{number}.0/24"
        story.click("Create subnet")
        story.choose("VPC", LISTED_ELSEWHERE)
        story.choose("Availability zone", zone)
        dialog.get_by_label("Addresses").fill(block)
        dialog.get_by_role("button", name="Create subnet").click()
        story.sees(f"Subnet {block} was created.")
    story.look("subnets")


def create_load_balancer(story: Tutorial, name: str, vpc: str, zones: Sequence[str]) -> None:
    story.section("Load balancers")
    story.click("Create load balancer", "link")
    story.fill("Name", name)
    story.choose("VPC", vpc)
    story.choose_two("Availability zones and subnets", zones)
    story.click("Next")
    story.sees("The listener speaks HTTP on port 80")
    story.click("Next")
    story.fill("Name of the security group", f"{name}-web")
    story.click("Next")
    story.fill("Name of the target group", name)
    story.fill("Health check path", "/ping")
    story.click("Next")
    story.click("Next")
    if name == "users":
        story.look("review")
    story.click("Create load balancer")
    story.sees(f"Load balancer {name} was created.")


def create_cluster(story: Tutorial) -> None:
    story.section("Clusters")
    story.click("Create cluster", "link")
    story.fill("Cluster name", CLUSTER)
    story.fill("Number of instances", "2")
    story.choose("Instance type", "t2.micro")
    story.click("Next")
    story.choose("VPC", "the default VPC")
    story.choose_two("Subnets")
    story.fill("Name of the security group", "instances")
    story.look("cluster-wizard")
    story.click("Next")
    story.click("Create cluster")
    story.sees(f"Cluster {CLUSTER} was created.", SLOW)
    expect(story.page.get_by_text("connected", exact=True)).to_have_count(2, timeout=SLOW)
    story.look("instances")


def register(story: Tutorial) -> None:
    """The example's own file, with a folder of this installation's."""
    text = (examples_dir() / "users-service" / "ecs_taskdefinition.json").read_text()
    folder = story.product.data_dir / "users-service"
    folder.mkdir()
    story.section("Task definitions")
    story.click("Register task definition", "link")
    story.page.get_by_role("tab", name="JSON").click()
    box = story.page.get_by_role("textbox", name="Task definition")
    box.fill(text.replace("/var/tmp/users-service", str(folder)))
    story.page.get_by_role("tab", name="Form").click()
    expect(story.page.get_by_label("Host port")).to_have_value("0", timeout=SOON)
    story.look("task-definition")
    story.click("Register")
    expect(story.page.get_by_role("heading", name=f"{FAMILY}:1")).to_be_visible(timeout=SOON)


def _begin_service(story: Tutorial, name: str, load_balancer: str) -> None:
    """The wizard until the container is balanced."""
    story.section("Clusters")
    story.click(CLUSTER, "link")
    story.page.get_by_role("tab", name="Services").click()
    story.click("Create service", "link")
    story.choose("Task definition", FAMILY)
    story.fill("Service name", name)
    story.click("Next")
    story.page.get_by_label("Application Load Balancer").check()
    story.choose("Load balancer", load_balancer)
    story.choose("Container to load balance", "users-service:0:5000")
    story.click("Add to ELB")
    story.choose("Production listener port", "^80:HTTP")
    story.choose("Target group name", load_balancer)


def meet_the_wrong_vpc(story: Tutorial) -> None:
    """The wizard warns; whoever goes on reads it in the service's events, and takes it back."""
    _begin_service(story, "mistaken", "misplaced")
    story.sees("misplaced is in the wrong VPC")
    story.look("wrong-vpc-warning")
    story.click("Next")
    story.click("Next")
    story.click("Create service")
    story.sees("Service mistaken was created.")
    story.page.get_by_role("tab", name="Events").click()
    story.sees(re.compile("failed to register targets in .* not in the target group VPC"), SLOW)
    story.look("wrong-vpc-event")
    story.click("Delete")
    dialog = story.page.get_by_role("dialog")
    dialog.get_by_label("Type the service's name").fill("mistaken")
    dialog.get_by_role("button", name="Delete").click()
    story.sees("This cluster has no service yet", SLOW)


def shorten_times(story: Tutorial) -> None:
    """As the demo does: checks every five seconds, and four seconds of draining instead of five minutes."""
    story.section("Target groups")
    story.click("users", "link")
    story.page.get_by_role("tab", name="Health checks").click()
    story.click("Edit", "link")
    for label, number in CHECKS:
        story.fill(label, number)
    story.click("Save health checks")
    story.sees("The health checks were saved.")
    story.page.get_by_role("tab", name="Attributes").click()
    story.fill("Deregistration delay, s", "4")
    story.click("Save changes")
    story.sees("Attributes: saved.")
    story.look("target-group")


def meet_the_missing_zone(story: Tutorial) -> None:
    """The load balancer is not enabled for a zone with an instance: the wizard says what mends it."""
    page = story.page
    _begin_service(story, SERVICE, "users")
    story.sees("users is not enabled for us-east-1a")
    story.look("zone-warning")
    story.click("Edit the load balancer's subnets", "link")
    story.click("Leave")
    story.click("Edit subnets")
    story.choose("Subnets", "us-east-1a")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Edit subnets").click()
    story.sees("The subnets were changed.")


def create_service(story: Tutorial) -> None:
    page = story.page
    _begin_service(story, SERVICE, "users")
    expect(page.get_by_text(re.compile("wrong VPC|is not enabled for"))).to_have_count(0)
    story.look("service-wizard-elb")
    story.click("Next")
    page.get_by_label("Configure Service Auto Scaling to adjust the desired count").check()
    for bound, number in (("Minimum", "1"), ("Desired", "1"), ("Maximum", "2")):
        story.fill(f"{bound} number of tasks", number)
    story.fill("Policy name", "requests")
    story.choose("ECS service metric", "ALBRequestCountPerTarget")
    story.fill("Target value", TARGET)
    story.look("service-wizard-scaling")
    story.click("Next")
    story.click("Create service")
    story.sees(f"Service {SERVICE} was created.")
    story.sees("1 of 1 tasks run", SLOW)
    story.sees(re.compile("1 of 1 healthy"), SLOW)
    # A port that the instance gave, of those for host port 0.
    dynamic = page.locator("tbody td", has_text=re.compile(r"^(3[2-9]|[4-6]\d)\d{3}$"))
    expect(dynamic.first).to_be_visible(timeout=SOON)
    story.look("healthy-target")


def open_its_name(story: Tutorial, context: BrowserContext) -> tuple[str, int, str]:
    """Follow the link of the load balancer's page; where it leads: address, port, name.

    Browsers take every name under `.localhost` for this machine (RFC 6761), the system's resolver need not.
    """
    page = story.page
    story.section("Load balancers")
    story.click("users", "link")
    with context.expect_page() as opened:
        page.get_by_role("main").locator("a[target=_blank]").first.click()
    other: Page = opened.value
    other.goto(f"{other.url.rstrip('/')}/ping")
    expect(other.get_by_text("pong")).to_be_visible(timeout=SOON)
    name, _, port = other.url.split("/")[2].partition(":")
    other.close()
    address = "127.0.0.1" if name.endswith(".localhost") else name
    return address, int(port or 80), name


def _open_service(story: Tutorial, tab: str) -> None:
    story.section("Clusters")
    story.click(CLUSTER, "link")
    story.page.get_by_role("tab", name="Services").click()
    story.click(SERVICE, "link")
    story.page.get_by_role("tab", name=tab).click()


def deploy_a_revision(story: Tutorial) -> None:
    """A new revision by the editor, then an update, watched through its events."""
    page = story.page
    story.section("Task definitions")
    story.click(FAMILY, "link")
    story.click("New revision", "link")
    page.get_by_role("tab", name="JSON").click()
    box = page.get_by_role("textbox", name="Task definition")
    box.fill(box.input_value().replace("change-me", "changed"))
    story.click("Register")
    expect(page.get_by_role("heading", name=f"{FAMILY}:2")).to_be_visible(timeout=SOON)
    _open_service(story, "Events")
    story.click("Update")
    story.choose("Task definition", f"{FAMILY}:2")
    page.get_by_role("dialog").get_by_role("button", name="Update").click()
    story.sees("has begun draining connections on 1 tasks", SLOW)
    page.get_by_role("tab", name="Deployments").click()
    story.look("deployment")
    page.get_by_role("tab", name="Events").click()
    story.sees("has stopped 1 running tasks", SLOW)
    story.look("deployment-events")


def scale_out(story: Tutorial, place: tuple[str, int, str]) -> None:
    address, port, name = place
    story.page.get_by_role("tab", name="Auto scaling").click()
    mix = [Kind(name="GET /ping", path="/ping")]
    with LoadGenerator(address, port, host=name, rate=BUSY_RATE, kinds=mix) as load:
        try:
            story.sees("2 of 2 tasks run", SLOW)
        finally:
            # Load that fails scales nothing: it is told first.
            tally = load.stop()
            assert tally.failures == [], tally.reasons()
    _sees_activity(story, "set desired count to 2.")
    story.look("scaled-out")
    story.section("Home")
    story.sees("Recent service events")
    story.look("whole")


def stop_a_task(story: Tutorial) -> None:
    page = story.page
    _open_service(story, "Tasks")
    rows = page.locator("tbody tr")
    # All are shown before one is picked, and it is picked by its name: rows move when another comes.
    expect(rows.filter(has_text="RUNNING")).to_have_count(2, timeout=SOON)
    before = rows.first.get_by_role("link").first.inner_text()
    rows.filter(has_text=before).get_by_role("checkbox").first.check()
    story.click("Stop")
    page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(page.get_by_role("link", name=before, exact=True)).to_have_count(0, timeout=SLOW)
    story.sees("2 of 2 tasks run", SLOW)
    story.look("task-replaced")


def scale_in(story: Tutorial) -> None:
    _open_service(story, "Auto scaling")
    story.sees("1 of 1 tasks run", SLOW)
    _sees_activity(story, "set desired count to 1.")
    story.look("scaled-in")


def _sees_activity(story: Tutorial, description: str) -> None:
    row = story.page.locator("tbody tr", has_text=description).filter(has_text="Successful")
    expect(row.first).to_be_visible(timeout=SLOW)


def lose_control_over_a_form(story: Tutorial) -> None:
    """Control is killed while a wizard is open: the page says so, comes back, and keeps what was typed."""
    story.section("Clusters")
    story.click("Create cluster", "link")
    story.fill("Cluster name", "typed-before")
    control = processes.read(story.product.data_dir, "control")
    assert control is not None
    # Stopped first: its supervisor has another one up sooner than anybody could look.
    os.kill(control.pid, signal.SIGSTOP)
    try:
        story.sees("Disconnected", 30_000)
        story.look("disconnected")
    finally:
        os.kill(control.pid, signal.SIGKILL)
    expect(story.page.get_by_text("Disconnected")).to_be_hidden(timeout=30_000)
    expect(story.page.get_by_label("Cluster name")).to_have_value("typed-before", timeout=SOON)
    story.section("Home")
    story.click("Leave")
    story.sees("Health of the whole")
