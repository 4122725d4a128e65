"""Load balancers, their rules, target groups and certificates, and an A/B test, in a browser."""

from __future__ import annotations

import re
import socket
import ssl

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.system.browser import Watched, look_at, signed_in
from tests.system.conftest import Product
from tests.system.shops import LISTENER_PORT, LoadBalancer, Shop, until
from tests.system.test_ab_guide import split, weights

from tidegate.cli.demo.load import Kind, LoadGenerator

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]

HTTPS_PORT = "8443"


def test_a_listener_for_https_is_made_with_its_certificate_and_rules(
    context: BrowserContext, product: Product
) -> None:
    tab = signed_in(context, product)
    _create_target_group(tab)
    _create_load_balancer(tab)
    _add_rules(tab)
    _edit_listener(tab, product)
    _change_login(tab, product)
    _check_certificates(tab, product)
    _change_attributes_and_tags(tab)
    _delete(tab)
    assert tab.errors == []


def _choose(tab: Watched, label: str, option: str) -> None:
    tab.page.get_by_role("button", name=re.compile(f"^{label}")).first.click()
    tab.page.get_by_role("option", name=re.compile(option)).first.click()


def _create_target_group(tab: Watched) -> None:
    page = tab.page
    page.get_by_role("link", name="Target groups", exact=True).click()
    page.get_by_role("link", name="Create target group").click()
    page.get_by_role("button", name="Create target group").click()
    expect(page.get_by_text("1 to 32 letters, digits and hyphens").first).to_be_visible()
    page.get_by_label("Name", exact=True).fill("users")
    _choose(tab, "VPC", "the default VPC")
    page.get_by_label("Interval, s").fill("5")
    page.get_by_role("button", name="Create target group").click()
    # In AWS's words, and what was typed stays.
    expect(page.get_by_text("must be smaller than the interval").first).to_be_visible()
    assert tab.findings() == []
    expect(page.get_by_label("Name", exact=True)).to_have_value("users")
    page.get_by_label("Timeout, s").fill("2")
    page.get_by_role("button", name="Create target group").click()
    expect(page.get_by_text("Target group users was created.")).to_be_visible()
    page.get_by_role("button", name="Register targets").click()
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Register targets").click()
    expect(question.get_by_text("Choose what is to be registered.")).to_be_visible()
    question.get_by_role("button", name="Cancel").click()


def _create_load_balancer(tab: Watched) -> None:
    """By the wizard, whose security settings have a certificate issued."""
    page = tab.page
    page.get_by_role("link", name="Load balancers").first.click()
    page.get_by_role("link", name="Create load balancer").click()
    following = page.get_by_role("button", name="Next")
    page.get_by_label("Name").fill("shop")
    page.get_by_label("HTTPS", exact=True).check()
    page.get_by_label("Listener: HTTPS on port").fill(HTTPS_PORT)
    _choose(tab, "VPC", "the default VPC")
    page.get_by_role("button", name="Availability zones and subnets").click()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    following.click()
    following.click()
    expect(page.get_by_text("Choose a certificate, or have one made.").first).to_be_visible()
    page.get_by_role("button", name="Request certificate").click()
    question = page.get_by_role("dialog")
    question.get_by_label("Domain name").fill("shop.test")
    question.get_by_role("button", name="Request certificate").click()
    expect(page.get_by_role("button", name=re.compile(r"Default certificate.*shop\.test"))).to_be_visible()
    _choose(tab, "Security policy", "ELBSecurityPolicy-TLS13-1-2-2021-06")
    tab.picture("wizard-security")
    assert tab.findings() == []
    following.click()
    page.get_by_label("Name of the security group").fill("shop-web")
    following.click()
    page.get_by_label("An existing target group").check()
    _choose(tab, "Target group", "users")
    following.click()
    following.click()
    page.get_by_role("button", name="Create load balancer").click()
    expect(page.get_by_text("Load balancer shop was created.")).to_be_visible()


def _add_rules(tab: Watched) -> None:
    """Two of them, the second moved before the first, by keyboard."""
    page = tab.page
    for path, code in (("/closed*", "503"), ("/gone*", "404")):
        page.get_by_role("link", name="Add rule").click()
        page.get_by_role("button", name="Add rule").click()
        expect(page.get_by_text("Each condition needs a value.").first).to_be_visible()
        page.get_by_label("Is any of, one a line (1)").fill(path)
        page.get_by_label("Return a fixed response").check()
        page.get_by_label("Response code").fill("999")
        page.get_by_role("button", name="Add rule").click()
        expect(page.get_by_text(re.compile("ValidationError|Invalid")).first).to_be_visible()
        page.get_by_label("Response code").fill(code)
        page.get_by_label("Path and query that match").fill("^/(.*)$")
        page.get_by_label("Path and query for the target").fill("/old/$1")
        page.get_by_role("button", name="Add rule").click()
        expect(page.get_by_role("gridcell", name=f"path-pattern is {path}")).to_be_visible()
    expect(page.get_by_text("url-rewrite: ^/(.*)$ becomes /old/$1")).to_have_count(2)
    moved = page.get_by_role("row", name="/gone")
    moved.get_by_role("radio").check()
    page.get_by_role("button", name="Move up").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Move up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The rule was moved.")).to_be_visible()
    expect(moved.get_by_role("gridcell", name="1", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Move up")).to_be_disabled()


def _edit_listener(tab: Watched, product: Product) -> None:
    """Another certificate beside the default one, a login and a redirect as the default actions, and clients'
    certificates verified."""
    page = tab.page
    _make_trust_store(product)
    _open_listener(tab)
    page.get_by_role("button", name="Request certificate").click()
    question = page.get_by_role("dialog", name="Request a certificate")
    question.get_by_label("Domain name").fill("other.test")
    page.keyboard.press("Escape")
    leaving = page.get_by_role("dialog", name="Leave this form?")
    expect(leaving).to_be_visible()
    tab.picture("dialog-leaving")
    assert tab.findings() == []
    page.keyboard.press("Escape")
    expect(leaving).to_be_hidden()
    question.get_by_role("button", name="Request certificate").click()
    page.get_by_role("button", name=re.compile("Certificates for server names")).click()
    page.get_by_role("option", name=re.compile(r"shop\.test")).click()
    page.keyboard.press("Escape")
    page.get_by_label("Verify with trust store").check()
    _choose(tab, "Trust store", "clients")
    page.get_by_label("Redirect to another URL").check()
    page.get_by_label("Host").fill("elsewhere.test")
    _fill_login(tab)
    _save_listener(tab)
    expect(page.get_by_text("redirect to HTTPS://elsewhere.test").first).to_be_visible()


def _make_trust_store(product: Product) -> None:
    bundle = product.data_dir / "s3" / "bundles" / "ca.pem"
    bundle.parent.mkdir(parents=True)
    bundle.write_text(product.tidegate("ca").stdout)
    product.client("elbv2").create_trust_store(
        Name="clients", CaCertificatesBundleS3Bucket="bundles", CaCertificatesBundleS3Key="ca.pem"
    )


def _fill_login(tab: Watched) -> None:
    page = tab.page
    page.get_by_label("Authenticate users with OpenID Connect").check()
    page.get_by_role("button", name="Save listener").click()
    expect(page.get_by_text("A whole URL, with https://.").first).to_be_visible()
    for label, path in (("Issuer", ""), ("Authorization endpoint", "/a"), ("Token endpoint", "/t")):
        page.get_by_label(label, exact=True).fill(f"https://login.test{path}")
    page.get_by_label("User info endpoint").fill("https://login.test/u")
    page.get_by_label("Client ID").fill("shop")
    page.get_by_label("Client secret").fill("a-secret")
    page.get_by_role("button", name="Advanced authentication settings").click()
    page.get_by_role("button", name="Add parameter").click()
    for heading in ("Client certificate handling", "Pre-routing action", "Extra request parameters"):
        page.get_by_text(heading).last.evaluate("one => one.scrollIntoView({ block: 'center' })")
        tab.picture(f"listener-{heading.split()[0].lower()}")
    assert tab.findings() == []
    page.get_by_role("button", name="Remove parameter").click()


def _change_login(tab: Watched, product: Product) -> None:
    """Another client, whose secret stays; and clients' certificates are passed through."""
    page, elbv2 = tab.page, product.client("elbv2")
    arn = elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    before = elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]
    assert before["MutualAuthentication"]["Mode"] == "verify"
    _open_listener(tab)
    expect(page.get_by_label("Client secret")).to_have_value("")
    page.get_by_label("Client ID").fill("other")
    page.get_by_label("Passthrough").check()
    _save_listener(tab)
    after = elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]
    assert after["MutualAuthentication"] == {"Mode": "passthrough"}
    login, redirect = before["DefaultActions"]
    other = {**login["AuthenticateOidcConfig"], "ClientId": "other"}
    assert after["DefaultActions"] == [{**login, "AuthenticateOidcConfig": other}, redirect]


def _save_listener(tab: Watched) -> None:
    tab.page.get_by_role("button", name="Save listener").click()
    expect(tab.page).to_have_url(re.compile("/load-balancers/shop$"))
    expect(tab.page.get_by_text(f"Listener HTTPS:{HTTPS_PORT} was saved.").first).to_be_visible()


def _open_listener(tab: Watched) -> None:
    row = tab.page.get_by_role("row", name=re.compile(f"HTTPS:{HTTPS_PORT}")).first
    row.get_by_role("radio").check()
    tab.page.get_by_role("link", name="Edit").first.click()


def _check_certificates(tab: Watched, product: Product) -> None:
    """Each name is answered with a certificate of its own, at the address that the page shows."""
    link = tab.page.get_by_role("link", name=re.compile(rf"^https:..127\.[\d.]+:{HTTPS_PORT}"))
    address = str(link.first.get_attribute("href")).removeprefix("https://").partition(":")[0]
    trust = ssl.create_default_context(cadata=product.tidegate("ca").stdout)

    def is_answered(name: str) -> bool:
        try:
            with (
                socket.create_connection((address, int(HTTPS_PORT)), timeout=5) as connection,
                trust.wrap_socket(connection, server_hostname=name) as line,
            ):
                return line.version() is not None
        except OSError:  # The new certificate is on its way to the balancer.
            return False

    until(lambda: is_answered("shop.test"), "the name that was added is answered", seconds=30)
    assert is_answered("other.test")


def _change_attributes_and_tags(tab: Watched) -> None:
    page = tab.page
    page.get_by_role("tab", name="Attributes").click()
    page.get_by_label("Idle timeout, s").fill("5000")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("cannot be greater than 4000").first).to_be_visible()
    page.get_by_label("Idle timeout, s").fill("30")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Attributes: saved.")).to_be_visible()
    page.get_by_role("tab", name="Tags").click()
    page.get_by_role("button", name="Add tag").click()
    page.get_by_role("textbox", name="Key").fill("team")
    page.get_by_role("textbox", name="Value").fill("web")
    page.get_by_role("button", name="Save tags").click()
    expect(page.get_by_text("The tags were saved.")).to_be_visible()


def _delete(tab: Watched) -> None:
    page = tab.page
    page.get_by_role("link", name="Certificates").click()
    page.get_by_role("row", name=re.compile(r"other\.test")).get_by_role("link").click()
    expect(page.get_by_role("link", name="shop", exact=True)).to_be_visible()
    tab.picture("certificate")
    page.get_by_role("link", name="shop", exact=True).click()
    page.get_by_role("button", name="Delete").first.click()
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Load balancer shop was deleted.")).to_be_visible()


def test_an_ab_test_is_compared_and_shifted_while_the_map_shows_its_traffic(
    context: BrowserContext, product: Product
) -> None:
    balancer, shop = LoadBalancer.made(product), Shop(product)
    shop.open(desired=1, loadBalancers=[balancer.use])
    split(product, balancer)
    tab = signed_in(context, product)
    page = tab.page
    tab.open("/load-balancers/shop", "Rules of HTTP:")
    place = page.get_by_role("link", name=re.compile(r"^http:..127\.")).first.get_attribute("href")
    address, _, port = str(place).removeprefix("http://").strip("/").rpartition(":")
    with LoadGenerator(
        address, int(port), host="shop", rate=100, kinds=[Kind(name="GET /", path="/")]
    ) as load:
        page.get_by_role("tab", name="Resource map").click()
        expect(page.get_by_text(re.compile(r"[1-9][\d.]* requests/s")).first).to_be_visible(timeout=30_000)
        expect(page.get_by_role("region", name="Target groups").get_by_text("1 healthy")).to_have_count(2)
        page.get_by_role("link", name="A/B tests").click()
        page.get_by_role("link", name=f"shop HTTP:{LISTENER_PORT}, default rule").click()
        expect(page.get_by_text("shop (baseline)")).to_be_visible()
        expect(page.get_by_text("canary: no difference seen")).to_be_visible(timeout=30_000)
        _shift(tab)
        until(lambda: weights(product, balancer)["canary"] > 30, "the second step")
        expect(page.get_by_text(re.compile("canary: .* in step [2-4] of 4")).first).to_be_visible()
        tab.picture("ab-shift")
        page.get_by_role("button", name="Roll back").click()
        page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
        expect(page.get_by_text("The shift was rolled back.")).to_be_visible()
        look_at(
            tab,
            {
                "resource-map": ("/load-balancers/shop?tab=map", "Resource map"),
                "ab-test": (tab.page.url.removeprefix(tab.url), "A/B test on shop"),
            },
        )
        tally = load.stop()
    assert weights(product, balancer) == {"shop": 90, "canary": 10}
    assert not tally.failures, tally.reasons()
    assert tab.errors == []


def _shift(tab: Watched) -> None:
    """A fifth more each eight seconds, guarded."""
    page = tab.page
    page.get_by_role("link", name="Start a shift").click()
    page.get_by_role("button", name="Start shift").click()
    expect(page.get_by_text("Choose the target group that is to get").first).to_be_visible()
    _choose(tab, "Target group that is to get", "canary")
    page.get_by_label("Percent more in each step").fill("20")
    page.get_by_label("Percent at the end").fill("80")
    page.get_by_label("Seconds that a step lasts").fill("8")
    page.get_by_label("% (2)").fill("500")
    tab.picture("start-shift")
    assert tab.findings() == []
    page.get_by_role("button", name="Start shift").click()
    expect(page.get_by_text("Requests are being shifted to canary.")).to_be_visible()
