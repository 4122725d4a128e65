"""Instances and their networks, and task definitions, made and shown in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.system.browser import Watched, signed_in
from tests.system.conftest import Product
from tests.system.shops import LoadBalancer, Shop

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_cluster_its_instances_and_their_network_are_made_and_shown(
    context: BrowserContext, product: Product
) -> None:
    balancer = LoadBalancer.made(product)
    tab = signed_in(context, product)
    _create_cluster(tab)
    [instance] = [
        one
        for group in product.client("ec2").describe_instances()["Reservations"]
        for one in group["Instances"]
    ]
    assert [group["GroupName"] for group in instance["SecurityGroups"]] == ["shop-tasks"]
    _make_network(tab)
    _make_key_pair(tab)
    _terminate(tab, instance["InstanceId"])
    _mistake_the_vpc(tab, product, balancer)
    _revise(tab)
    assert tab.errors == []


def _choose(tab: Watched, label: str, option: str) -> None:
    tab.page.get_by_role("button", name=re.compile(f"^{label} ")).click()
    tab.page.get_by_role("option", name=re.compile(option)).first.click()


def _create_cluster(tab: Watched) -> None:
    """Cluster `shop` with one instance in the default VPC."""
    page = tab.page
    page.get_by_role("link", name="create a cluster").click()
    page.get_by_role("link", name="Create cluster").click()
    following = page.get_by_role("button", name="Next")
    following.click()
    expect(page.get_by_text("1 to 255 letters").first).to_be_visible()
    page.get_by_label("Cluster name").fill("shop")
    _choose(tab, "Instance type", "t2.micro")
    following.click()
    _choose(tab, "VPC", "the default VPC")
    _choose(tab, "Subnets", "us-east-1a")
    page.keyboard.press("Escape")
    page.get_by_label("Name of the security group").fill("default")
    tab.picture("cluster-wizard")
    assert tab.findings() == []
    following.click()
    page.get_by_role("button", name="Create cluster").click()
    expect(page.get_by_text("Cannot use reserved security group name").first).to_be_visible()
    expect(page.get_by_text("Made already: cluster shop.")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    page.get_by_label("Name of the security group").fill("shop-tasks")
    following.click()
    page.get_by_role("button", name="Create cluster").click()
    expect(page.get_by_text("Cluster shop was created.")).to_be_visible()
    expect(page.get_by_text("connected", exact=True)).to_be_visible(timeout=30_000)


def _make_network(tab: Watched) -> None:
    """A VPC with a subnet and a security group, which lets port 80 in and then does not."""
    page = tab.page
    dialog = page.get_by_role("dialog")
    page.get_by_role("link", name="VPCs").click()
    page.get_by_role("button", name="Create VPC").click()
    dialog.get_by_label("VPC name").fill("elsewhere")
    dialog.get_by_label("Addresses").fill("172.16.0.0")
    dialog.get_by_role("button", name="Create VPC").click()
    expect(dialog.get_by_text(re.compile("InvalidParameterValue"))).to_be_visible()
    dialog.get_by_label("Addresses").fill("172.16.0.0/16")
    dialog.get_by_role("button", name="Create VPC").click()
    row = page.get_by_role("row").filter(has_text="elsewhere")
    row.get_by_role("link").click()
    expect(page.get_by_text("igw-").first).to_be_visible()
    page.get_by_role("button", name="Create subnet").click()
    dialog.get_by_label("Addresses").fill("172.16.1.0/24")
    dialog.get_by_role("button", name="Create subnet").click()
    expect(page.get_by_role("gridcell", name="172.16.1.0/24")).to_be_visible()
    tab.picture("vpc")
    assert tab.findings() == []

    page.get_by_role("tab", name="Security groups").click()
    page.get_by_role("button", name="Create security group").click()
    dialog.get_by_label("Security group name").fill("web")
    dialog.get_by_label("Description").fill("from the web")
    dialog.get_by_role("button", name="Create security group").click()
    page.get_by_role("link", name="web", exact=True).click()
    expect(page.get_by_text("Nobody is let in: add a rule")).to_be_visible()
    page.get_by_role("button", name="Add rule").click()
    dialog.get_by_role("button", name="Add rule").click()
    expect(dialog.get_by_text("A port, or the first and the last").first).to_be_visible()
    dialog.get_by_label("Ports").fill("80")
    tab.picture("rule")
    assert tab.findings() == []
    dialog.get_by_role("button", name="Add rule").click()
    expect(page.get_by_role("gridcell", name="0.0.0.0/0 (anywhere)")).to_be_visible()
    tab.picture("security-group")
    page.locator("tbody").get_by_role("radio").first.check()
    page.get_by_role("button", name="Revoke").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Nobody is let in: add a rule")).to_be_visible()


def _make_key_pair(tab: Watched) -> None:
    page = tab.page
    dialog = page.get_by_role("dialog")
    page.get_by_role("link", name="Key pairs").click()
    page.get_by_role("button", name="Create key pair").click()
    dialog.get_by_label("Key pair name").fill("ecs")
    dialog.get_by_role("button", name="Create key pair").click()
    expect(dialog.get_by_text("PRIVATE KEY-----").first).to_be_visible()
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Download").click()
    assert saved.value.suggested_filename == "ecs.pem"
    assert "PRIVATE KEY-----" in saved.value.path().read_text()
    tab.picture("private-key")
    assert tab.findings() == []
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_role("gridcell", name="ecs", exact=True)).to_be_visible()
    expect(page.get_by_text("PRIVATE KEY")).to_have_count(0)


def _terminate(tab: Watched, instance_id: str) -> None:
    page = tab.page
    page.get_by_role("link", name="Instances", exact=True).click()
    page.get_by_role("link", name=instance_id).click()
    expect(page.get_by_text("echo ECS_CLUSTER=shop")).to_be_visible()
    tab.picture("instance")
    assert tab.findings() == []
    page.get_by_role("button", name="Terminate").click()
    page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    expect(page.get_by_text("terminated", exact=True)).to_be_visible(timeout=30_000)


def _mistake_the_vpc(tab: Watched, product: Product, balancer: LoadBalancer) -> None:
    """Instances in another VPC than the load balancer's: the service's page says so, and what mends it."""
    page = tab.page
    page.get_by_role("link", name="Clusters").click()
    page.get_by_role("link", name="shop").click()
    page.get_by_role("tab", name="Container instances").click()
    page.get_by_role("link", name="Run instances").click()
    following = page.get_by_role("button", name="Next")
    expect(page.get_by_label("Cluster name")).to_be_disabled()
    _choose(tab, "Key pair", "ecs")
    following.click()
    _choose(tab, "VPC", "elsewhere")
    _choose(tab, "Subnets", "172.16.1.0")
    page.keyboard.press("Escape")
    page.get_by_label("Name of the security group").fill("shop-tasks")
    following.click()
    page.get_by_role("button", name="Run instances").click()
    expect(page.get_by_text("1 instance will join shop.")).to_be_visible()
    expect(page.get_by_text("connected", exact=True)).to_be_visible(timeout=30_000)

    shop = Shop(product)
    shop.build("shop:1")
    shop.ecs.register_task_definition(**shop.definition("shop:1"))
    shop.ecs.create_service(
        cluster="shop",
        serviceName="shop",
        taskDefinition="shop",
        desiredCount=1,
        loadBalancers=[balancer.use],
    )
    tab.open("/clusters/shop/services/shop", "shop")
    expect(page.get_by_text("What keeps it from its steady state")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("are not in the target group VPC").first).to_be_visible()
    expect(page.get_by_text("Run the cluster's instances in the VPC of the target group")).to_be_visible()
    tab.picture("wrong-vpc")
    assert tab.findings() == []


def _revise(tab: Watched) -> None:
    """Revision 2 of `shop` by the form, with what the JSON says too; what it changed; and away with it."""
    page = tab.page
    page.get_by_role("link", name="shop:1").click()
    page.get_by_role("link", name="New revision").click()
    page.get_by_label("Memory limit, in MiB").fill("much")
    expect(page.get_by_text("A whole number, 6 or more.")).to_be_visible()
    page.get_by_role("button", name="Environment").click()
    page.get_by_role("button", name="Add variable").click()
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("A name is needed.")).to_be_visible()
    tab.picture("definition-form")
    assert tab.findings() == []
    page.get_by_label("Name of variable 1").fill("MODE")
    page.get_by_label("Value of variable 1").fill("fast")
    page.get_by_role("tab", name="JSON").click()
    text = page.get_by_role("textbox", name="Task definition")
    text.fill(text.input_value().replace('"much"', "96"))
    page.get_by_role("tab", name="Form").click()
    expect(page.get_by_label("Memory limit, in MiB")).to_have_value("96")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", name="shop:2")).to_be_visible()
    page.get_by_role("tab", name="Changes").click()
    expect(page.get_by_role("listitem", name='Taken away: "memory": 64,')).to_be_visible()
    expect(page.get_by_role("listitem", name='Added: "memory": 96,')).to_be_visible()
    tab.picture("changes")
    assert tab.findings() == []
    page.get_by_role("button", name="Deregister").click()
    page.get_by_role("dialog").get_by_role("button", name="Deregister").click()
    expect(page.get_by_text("INACTIVE")).to_be_visible()
