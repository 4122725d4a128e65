"""Alarms and logs in a browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.system.browser import Watched, signed_in
from tests.system.conftest import Product

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(300)]

GROUP = "/story/lines"
# A page asks once a second; the machine may be busy.
LIVE_MS = 20_000


class _Lines:
    """A stream of a group, written to by hand."""

    def __init__(self, product: Product) -> None:
        self._logs = product.client("logs")
        self._logs.create_log_group(logGroupName=GROUP)
        self._logs.create_log_stream(logGroupName=GROUP, logStreamName="by-hand")

    def put(self, *messages: str) -> None:
        """The last of them now, each of the others 20 ms before the next."""
        first = int(time.time() * 1000) - 20 * (len(messages) - 1)
        events = [{"timestamp": first + 20 * index, "message": text} for index, text in enumerate(messages)]
        self._logs.put_log_events(logGroupName=GROUP, logStreamName="by-hand", logEvents=events)


def test_an_alarm_is_made_and_lines_are_followed(context: BrowserContext, product: Product) -> None:
    lines = _Lines(product)
    product.client("cloudwatch").put_metric_data(
        Namespace="Story", MetricData=[{"MetricName": "Orders", "Value": 3}]
    )
    tab = signed_in(context, product)
    _make_an_alarm(tab, product)
    _follow_lines(tab, lines)
    assert tab.errors == []


def _make_an_alarm(tab: Watched, product: Product) -> None:
    """Through the form, until it is in ALARM and the first page says so."""
    page, cloudwatch = tab.page, product.client("cloudwatch")
    page.get_by_role("link", name="Alarms").first.click()
    page.get_by_role("link", name="Create alarm").first.click()
    page.get_by_role("button", name="Create alarm").click()
    expect(page.get_by_text("Choose a metric.").first).to_be_visible()
    assert tab.findings() == []
    for label, option in (("Namespace", "Story"), ("Metric", "Orders")):
        page.get_by_role("button", name=re.compile(f"^{label} ")).click()
        page.get_by_role("option", name=option).click()
    page.get_by_label("Threshold", exact=True).fill("1")
    page.get_by_label("Evaluation periods").fill("2")
    page.get_by_label("Datapoints to alarm").fill("1")
    page.get_by_label("Alarm name").fill("orders")
    page.get_by_role("textbox", name="In alarm").fill("mailto:nobody")
    page.get_by_role("button", name="Create alarm").click()
    expect(page.get_by_text("Invalid arn syntax: mailto:nobody").first).to_be_visible()
    page.get_by_role("textbox", name="In alarm").fill("")
    page.get_by_role("button", name="Create alarm").click()
    expect(page.get_by_text("Alarm orders was created.")).to_be_visible()
    [made] = cloudwatch.describe_alarms(AlarmNames=["orders"])["MetricAlarms"]
    assert (made["MetricName"], made["Threshold"], made["EvaluationPeriods"]) == ("Orders", 1.0, 2)
    assert made["DatapointsToAlarm"] == 1
    page.get_by_role("button", name="Disable actions").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable actions").click()
    expect(page.get_by_role("button", name="Enable actions")).to_be_visible()
    [made] = cloudwatch.describe_alarms(AlarmNames=["orders"])["MetricAlarms"]
    assert made["ActionsEnabled"] is False
    page.get_by_role("link", name="Home").first.click()
    cloudwatch.set_alarm_state(AlarmName="orders", StateValue="ALARM", StateReason="drill")
    expect(page.get_by_role("heading", name="Alarms in ALARM")).to_be_visible(timeout=LIVE_MS)


def _follow_lines(tab: Watched, lines: _Lines) -> None:
    """As they come, searched, and with the reader's place kept."""
    page = tab.page
    lines.put(*(f"line {number}" for number in range(1500)), "ERROR one")
    tab.open("/log-groups/%2Fstory%2Flines", "Events")
    expect(page.get_by_text("ERROR one")).to_be_visible(timeout=LIVE_MS)
    lines.put("the newest")
    expect(page.get_by_text("the newest")).to_be_in_viewport(timeout=LIVE_MS)

    box = page.get_by_role("region", name="Lines of Events")
    box.hover()
    page.mouse.wheel(0, -10_000)
    expect(page.get_by_role("button", name="Jump to the end")).to_be_visible()
    place = box.evaluate("box => box.scrollTop")
    lines.put("while the reader is elsewhere")
    expect(page.get_by_text("while the reader is elsewhere")).to_be_attached(timeout=LIVE_MS)
    assert box.evaluate("box => box.scrollTop") == place
    page.get_by_role("button", name="Jump to the end").click()
    expect(page.get_by_text("while the reader is elsewhere")).to_be_in_viewport(timeout=LIVE_MS)

    page.get_by_label("Filter pattern").fill("ERROR")
    page.keyboard.press("Enter")
    expect(page.locator(".log-line")).to_have_count(1, timeout=LIVE_MS)
    lines.put("ERROR two", "line of no interest")
    expect(page.locator(".log-line")).to_have_count(2, timeout=LIVE_MS)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused")).to_be_visible()
