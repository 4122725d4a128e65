"""Instances and their networks, and task definitions, made and shown in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.system.browser import Watched, signed_in
from tests.system.conftest import Product

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_cluster_is_made_with_its_instances_over_an_error(
    context: BrowserContext, product: Product
) -> None:
    tab = signed_in(context, product)
    _create_cluster(tab)
    [instance] = [
        one
        for group in product.client("ec2").describe_instances()["Reservations"]
        for one in group["Instances"]
    ]
    assert [group["GroupName"] for group in instance["SecurityGroups"]] == ["shop-tasks"]
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
    expect(page.get_by_text("Cluster shop was made; the next try goes on after it.")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    page.get_by_label("Name of the security group").fill("shop-tasks")
    following.click()
    page.get_by_role("button", name="Create cluster").click()
    expect(page.get_by_text("Cluster shop was created.")).to_be_visible()
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
