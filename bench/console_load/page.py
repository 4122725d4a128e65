"""What a page of the console costs while it is open: long tasks, heap, nodes, frames, requests."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tidegate.testing.api import ACCESS_KEY, SECRET_KEY

# Long tasks are those of 50 ms and more; `events` holds how long input took until it was drawn.
_WATCH = """
window.bench = { long: [], inputs: [], collecting: [] };
new PerformanceObserver((list) => bench.long.push(...list.getEntries()))
  .observe({ type: 'longtask', buffered: true });
new PerformanceObserver((list) => bench.inputs.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: 'event', durationThreshold: 16, buffered: true });
"""
_LOADED = """() => document.querySelector('h1') !== null
  && document.body.innerText.includes('Recent service events')
  && !/…|Loading|Looking/.test(document.querySelector('main').innerText)
  && performance.now()"""
# The bench's own collections of garbage are no tasks of the page's.
_LONG = """() => bench.long.splice(0)
  .filter(({ startTime, duration }) =>
    !bench.collecting.some(([from, to]) => startTime < to && startTime + duration > from))
  .map(({ duration }) => duration)"""
_INPUTS = "() => bench.inputs.splice(0)"
# The longest time between two frames in so many milliseconds.
_FRAMES = """(ms) => new Promise((done) => {
  let last = performance.now(), longest = 0;
  const until = last + ms;
  const look = (now) => {
    longest = Math.max(longest, now - last);
    last = now;
    now < until ? requestAnimationFrame(look) : done(longest);
  };
  requestAnimationFrame(look);
})"""
_SCROLL_MS = 1000
# A trace of all tasks grows fast: what a page does every second shows in so many.
TRACED_SECONDS_MAX = 15.0
_THREAD = "CrRendererMain"


@dataclass(frozen=True, slots=True)
class Sample:
    """After a collection of garbage."""

    seconds: float
    heap_mib: float
    nodes: int


@dataclass(slots=True)
class Found:
    """`first_loads_ms`: the home page with a cold cache; `list_ms`: until all rows of the list are there;
    `worst_frame_ms`: the longest time between two frames while the page is scrolled."""

    first_loads_ms: list[float] = field(default_factory=list)
    list_ms: float = 0.0
    long_ms: list[float] = field(default_factory=list)
    list_long_ms: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0
    list_cpu_ms: float = 0.0
    input_ms: list[float] = field(default_factory=list)
    worst_frame_ms: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    list_requests: int = 0
    seconds: float = 0.0
    is_selection_kept: bool = False

    def growth(self, what: str) -> float:
        """How much more of it there is in the last third of the samples than in the first, in per cent."""
        third = max(1, len(self.samples) // 3)
        values = [float(getattr(sample, what)) for sample in self.samples]
        first, last = sum(values[:third]) / third, sum(values[-third:]) / third
        return (last / first - 1) * 100


def signed_in(browser: Browser, url: str) -> dict[str, Any]:
    """The storage of a context that has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/console/")
    page.get_by_label("Access key ID").fill(ACCESS_KEY)
    page.get_by_label("Secret access key").fill(SECRET_KEY)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Health of the whole").wait_for()
    state: dict[str, Any] = context.storage_state()  # type: ignore[assignment]
    context.close()
    return state


def first_load_ms(browser: Browser, url: str, state: Any) -> float:
    """Until the home page shows everything, in a context that has nothing in its cache."""
    context = _context(browser, state)
    page = context.new_page()
    page.goto(f"{url}/console/", wait_until="commit")
    handle = page.wait_for_function(_LOADED, polling=10)
    milliseconds = float(handle.json_value())
    context.close()
    return milliseconds


def watch_list(browser: Browser, url: str, state: Any, *, tasks: int, minutes: float, found: Found) -> None:
    """Keep the tasks' list open, with a row selected under a filter."""
    page = _context(browser, state).new_page()
    page.on("request", lambda request: _count(found.requests, request))
    began = time.monotonic()
    browser.start_tracing(page=page, categories=["toplevel"])
    page.goto(f"{url}/console/clusters/shop?tab=tasks")
    counter = page.get_by_role("heading", name=re.compile(r"^Tasks"))
    expect(counter).to_contain_text(f"({tasks}", timeout=60_000)
    found.list_ms = (time.monotonic() - began) * 1000
    found.list_requests = found.requests.total()
    found.list_long_ms = page.evaluate(_LONG)
    found.list_cpu_ms = longest_cpu_ms(browser.stop_tracing())
    _use(page)
    page.evaluate(_INPUTS)
    browser.start_tracing(page=page, categories=["toplevel"])
    page.wait_for_timeout(min(TRACED_SECONDS_MAX, minutes * 60) * 1000)
    found.cpu_ms = longest_cpu_ms(browser.stop_tracing())
    page.evaluate(_LONG)
    found.requests.clear()
    _sample(page, found, minutes)
    found.long_ms = page.evaluate(_LONG)
    found.input_ms = page.evaluate(_INPUTS)
    chosen = page.locator("tbody tr", has=page.get_by_role("checkbox", checked=True))
    is_filtered = page.get_by_label("Find tasks").input_value() == "web-"
    found.is_selection_kept = is_filtered and chosen.count() == 1


def longest_cpu_ms(trace: bytes) -> float:
    """The CPU time of the longest task of the page's thread: what its wall time would be if nobody else used
    the machine. Milliseconds."""
    events = json.loads(trace)["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == _THREAD
    }
    spans = [
        event["tdur"]
        for event in events
        if event.get("ph") == "X" and "tdur" in event and (event["pid"], event["tid"]) in threads
    ]
    return max(spans) / 1000


def _context(browser: Browser, state: Any) -> BrowserContext:
    context = browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
    context.add_init_script(_WATCH)
    return context


def _use(page: Page) -> None:
    """Filter, sort by the group, and choose a row that stays."""
    page.get_by_label("Find tasks").press_sequentially("web-", delay=50)
    page.get_by_role("button", name=re.compile("^Task(, |$)")).click()
    page.locator("tbody").get_by_role("checkbox").first.check()


def _sample(page: Page, found: Found, minutes: float) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < minutes * 60:
        found.worst_frame_ms = max(found.worst_frame_ms, _scroll(page))
        before = page.evaluate("performance.now()")
        session.send("HeapProfiler.collectGarbage")
        page.evaluate("(before) => bench.collecting.push([before, performance.now()])", before)
        heap = session.send("Runtime.getHeapUsage")["usedSize"] / 2**20
        metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
        found.samples.append(Sample(elapsed, heap, int(metrics["Nodes"])))
        page.wait_for_timeout(min(5_000.0, minutes * 60_000 / 10))
    found.seconds = time.monotonic() - began


def _scroll(page: Page) -> float:
    """Down and up; the longest time between two frames meanwhile, in milliseconds."""
    page.mouse.move(720, 600)
    page.evaluate(
        f"() => {{ bench.frames = null; ({_FRAMES})({_SCROLL_MS}).then((ms) => {{ bench.frames = ms }}) }}"
    )
    for step in (1, -1):
        for _ in range(8):
            page.mouse.wheel(0, step * 100)
            page.wait_for_timeout(40)
    page.wait_for_function("() => bench.frames !== null")
    return float(page.evaluate("bench.frames"))


def _count(counts: Counter[str], request: Request) -> None:
    if request.method == "POST":
        counts[request.headers.get("x-amz-target", "a query").rsplit(".", 1)[-1]] += 1
