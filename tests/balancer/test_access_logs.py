"""Access logs of real traffic, read out of their bucket."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from tests.balancer.lab import (
    PORT,
    Lab,
    Target,
    fixed,
    forward,
    group_arn,
    listener,
    redirect,
    rule,
    values,
)

from tidegate.fleet.balancing import EdgeLog, EdgeTransform, GroupDocument, HealthCheckDocument
from tidegate.testing.balancing.bucket_logs import entries, objects

pytestmark = pytest.mark.timeout(60)

ACCESS = EdgeLog(kind="access", bucket="logs", prefix="mine")
UPGRADE = (
    b"GET /chat HTTP/1.1\r\nHost: lab\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
Entry = dict[str, str]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def logged(lab: Lab, count: int = 1, kind: str = "") -> list[Entry]:
    """What is in the bucket once there are so many lines."""
    bucket = lab.settings.data_dir / "s3" / "logs"
    await lab.until(lambda: len(entries(bucket, kind)) >= count, 15)
    found = entries(bucket, kind)
    assert len(found) == count
    return found


async def only(lab: Lab) -> Entry:
    [entry] = await logged(lab)
    return entry


async def test_a_forwarded_request_is_a_line_of_awss(lab: Lab) -> None:
    before = time.time()
    await lab.edge(listener(default=forward("a")), logs=(ACCESS,))
    await lab.ask("/path?x=1", headers={"User-Agent": 'my "agent" \\ é'}, host="shop.test")
    entry = await only(lab)
    assert (entry["type"], entry["elb"]) == ("http", "app/lab/1")
    assert before - 1 < _seconds(entry["request_creation_time"]) <= _seconds(entry["time"]) < time.time() + 1
    assert re.fullmatch(r"127\.0\.0\.1:\d+", entry["client:port"])
    assert entry["target:port"] == entry["target:port_list"] == f"127.0.0.1:{lab.targets['a'].port}"
    for part in ("request", "target", "response"):
        assert re.fullmatch(r"0\.0\d\d", entry[f"{part}_processing_time"])
    assert (entry["elb_status_code"], entry["target_status_code"]) == ("200", "200")
    assert entry["target_status_code_list"] == "200"
    assert int(entry["received_bytes"]) > 60
    assert int(entry["sent_bytes"]) > 40
    assert entry["request"] == f"GET http://shop.test:{PORT}/path?x=1 HTTP/1.1"
    assert entry["user_agent"] == r"my \x22agent\x22 \x5C \xE9"
    assert (entry["ssl_cipher"], entry["ssl_protocol"]) == ("-", "-")
    assert entry["target_group_arn"] == group_arn("a")
    assert entry["trace_id"] == lab.seen[0].values("X-Amzn-Trace-Id")[0]
    assert (entry["domain_name"], entry["chosen_cert_arn"]) == ("-", "-")
    assert (entry["matched_rule_priority"], entry["actions_executed"]) == ("0", "forward")
    assert (entry["redirect_url"], entry["error_reason"]) == ("-", "-")
    assert (entry["classification"], entry["classification_reason"]) == ("-", "-")
    assert re.fullmatch("TID_[0-9a-f]{32}", entry["conn_trace_id"])
    assert (entry["transformed_host"], entry["transformed_uri"]) == ("-", "-")
    assert (entry["request_transform_status"], entry["node"]) == ("-", lab.address)


@pytest.mark.proves(
    "load-balancer-attribute:access_logs.s3.enabled",
    "load-balancer-attribute:access_logs.s3.bucket",
    "load-balancer-attribute:access_logs.s3.prefix",
)
async def test_the_object_lies_where_s3_has_it(lab: Lab) -> None:
    await lab.edge(listener(default=fixed()), logs=(ACCESS,))
    await lab.ask()
    await only(lab)
    [path] = objects(lab.settings.data_dir / "s3" / "logs")
    day = time.strftime("%Y/%m/%d", time.gmtime(path.stat().st_mtime))
    folder = f"mine/AWSLogs/000000000000/elasticloadbalancing/us-east-1/{day}"
    assert str(path.parent.relative_to(lab.settings.data_dir / "s3" / "logs")) == folder
    assert re.fullmatch(
        r"000000000000_elasticloadbalancing_us-east-1_app\.lab\.1_\d{8}T\d{4}Z_"
        + re.escape(lab.address)
        + r"_[0-9a-z]{8}\.log\.gz",
        path.name,
    )


async def test_answers_of_the_load_balancers_own(lab: Lab) -> None:
    await lab.edge(
        listener(
            rule(5, redirect(path="/new/#{path}"), values("path-pattern", "/r*")),
            rule(7, fixed("404", "no"), values("path-pattern", "/f*")),
            default=forward("a"),
        ),
        logs=(ACCESS,),
    )
    await lab.ask("/r?q")
    await lab.ask("/f")
    redirected, answered = await logged(lab, 2)
    assert redirected["elb_status_code"] == "301"
    assert redirected["redirect_url"] == f"http://lab:{PORT}/new/r?q"
    assert (redirected["matched_rule_priority"], redirected["actions_executed"]) == ("5", "redirect")
    assert (answered["elb_status_code"], answered["target_status_code"]) == ("404", "-")
    assert (answered["matched_rule_priority"], answered["actions_executed"]) == ("7", "fixed-response")
    for entry in (redirected, answered):
        assert (entry["target:port"], entry["target_group_arn"]) == ("-", "-")
        assert entry["request_processing_time"] == entry["response_processing_time"] == "-1"


async def test_requests_that_are_refused_have_met_no_rule(lab: Lab) -> None:
    await lab.edge(listener(rule(1, fixed(), values("path-pattern", "/x")), default=fixed()), logs=(ACCESS,))
    await lab.ask(method="TRACE")
    await lab.ask(host=None)
    await lab.ask("/ a b")
    found = await logged(lab, 3)
    assert [entry["elb_status_code"] for entry in found] == ["405", "400", "400"]
    assert {entry["matched_rule_priority"] for entry in found} == {"-"}
    assert {entry["actions_executed"] for entry in found} == {"-"}
    dns_name = "lab-1.us-east-1.elb.test"
    assert [entry["request"] for entry in found] == [
        f"TRACE http://lab:{PORT}/ HTTP/1.1",
        f"GET http://{dns_name}:{PORT}/ HTTP/1.1",
        f"- http://{dns_name}:{PORT}- -",
    ]


async def test_a_group_with_no_target_is_named(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")), logs=(ACCESS,))
    lab.generation += 1
    check = HealthCheckDocument()
    lab.balancer.take(
        GroupDocument(target_group_arn=group_arn("a"), generation=lab.generation, health_check=check)
    )
    while (await lab.ask()).status != 503:
        await lab.pause(0.05)

    def unavailable() -> list[Entry]:
        found = entries(lab.settings.data_dir / "s3" / "logs")
        return [entry for entry in found if entry["elb_status_code"] == "503"]

    await lab.until(lambda: bool(unavailable()), 15)
    [entry] = unavailable()
    assert entry["target:port"] == "-"
    assert (entry["target_group_arn"], entry["actions_executed"]) == (group_arn("a"), "forward")


async def test_a_target_that_refuses_is_502_and_one_that_is_silent_504(lab: Lab) -> None:
    dead, silent = await serving(lab, "dead", None), await serving(lab, "silent", _silence)
    await lab.edge(
        listener(rule(1, forward("silent"), values("path-pattern", "/s")), default=forward("dead")),
        logs=(ACCESS,),
        idle_timeout_seconds=1,
    )
    await lab.ask("/d", method="POST", body=b"x")
    await lab.ask("/s")
    refused, timed_out = await logged(lab, 2)
    assert (refused["elb_status_code"], refused["target:port"]) == ("502", f"127.0.0.1:{dead}")
    assert (timed_out["elb_status_code"], timed_out["target:port"]) == ("504", f"127.0.0.1:{silent}")
    for entry in (refused, timed_out):
        assert (entry["target_status_code"], entry["target_processing_time"]) == ("-", "-1")


@pytest.mark.proves("status:460")
async def test_a_client_that_leaves_is_460(lab: Lab) -> None:
    await serving(lab, "silent", _silence)
    await lab.edge(listener(default=forward("silent")), logs=(ACCESS,))
    async with lab.connection() as client:
        client.writer.write(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        await lab.pause(0.2)
    entry = await only(lab)
    assert (entry["elb_status_code"], entry["target_status_code"], entry["sent_bytes"]) == ("460", "-", "0")


async def test_a_websocket_is_one_line_when_it_closes(lab: Lab) -> None:
    await serving(lab, "ws", echo)
    await lab.edge(listener(default=forward("ws")), logs=(ACCESS,))
    async with lab.connection() as client:
        client.writer.write(UPGRADE)
        await client.reader.readuntil(b"\r\n\r\n")
        await lab.pause(0.3)
    entry = await only(lab)
    assert (entry["type"], entry["elb_status_code"]) == ("ws", "101")
    assert _seconds(entry["time"]) - _seconds(entry["request_creation_time"]) > 0.25
    assert entry["request"] == f"GET http://lab:{PORT}/chat HTTP/1.1"


async def test_a_request_that_two_may_read_differently_is_classified(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")), logs=(ACCESS,))
    await lab.ask(body=b"x")
    await lab.ask(headers={"Content-Length": "0"})
    await lab.ask(headers={"X": "a\x01b"})
    found = [(one["classification"], one["classification_reason"]) for one in await logged(lab, 3)]
    assert found == [
        ("Ambiguous", "UndefinedContentLengthSemantics"),
        ("Acceptable", "GetHeadZeroContentLength"),
        ("Acceptable", "NonCompliantHeader"),
    ]


async def test_what_transforms_made_of_a_request(lab: Lab) -> None:
    transforms = (
        EdgeTransform(type="host-header-rewrite", rewrites=(("^lab$", "inner.test"),)),
        EdgeTransform(type="url-rewrite", rewrites=(("^/api/(.*)$", "/$1"),)),
    )
    bad = (EdgeTransform(type="url-rewrite", rewrites=(("^/bad$", "no-slash"),)),)
    await lab.edge(
        listener(
            rule(3, forward("a"), values("path-pattern", "/api/*"), transforms=transforms),
            rule(4, forward("a"), values("path-pattern", "/bad"), transforms=bad),
            default=fixed(),
        ),
        logs=(ACCESS,),
    )
    await lab.ask("/api/x?y")
    await lab.ask("/bad")
    made, failed = await logged(lab, 2)
    assert (made["transformed_host"], made["transformed_uri"]) == ("inner.test", "/x?y")
    assert made["request"] == f"GET http://lab:{PORT}/api/x?y HTTP/1.1"
    assert (failed["elb_status_code"], failed["request_transform_status"]) == ("500", "TransformInvalidPath")
    assert (failed["matched_rule_priority"], failed["actions_executed"]) == ("4", "-")


async def test_a_load_balancer_without_logs_leaves_none(lab: Lab) -> None:
    await lab.edge(listener(default=fixed()))
    await lab.ask()
    await lab.edge(listener(default=fixed()), logs=(ACCESS,))
    await lab.ask("/logged")
    assert (await only(lab))["request"].endswith("/logged HTTP/1.1")


async def test_requests_before_logs_are_turned_off_are_delivered(lab: Lab) -> None:
    await lab.edge(listener(default=fixed()), logs=(ACCESS,))
    await lab.ask()
    await only(lab)
    await lab.ask()
    await lab.edge(listener(default=fixed()))
    await logged(lab, 2)


async def test_a_killed_maker_of_logs_loses_and_doubles_nothing(lab: Lab) -> None:
    await lab.edge(listener(default=fixed()), logs=(ACCESS,))
    killed = 0
    for number in range(150):
        await lab.ask(f"/{number}")
        child = lab.balancer.log_keeper.pid
        if number % 50 == 25 and child is not None:
            os.kill(child, signal.SIGKILL)
            killed += 1
        await lab.pause(0.02)
    assert killed > 1
    requests = [entry["request"].split("/")[3].split()[0] for entry in await logged(lab, 150)]
    assert requests == [str(number) for number in range(150)]


async def test_long_texts_are_cut_and_leave_the_other_fields_whole(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")), logs=(ACCESS,))
    headers = {"User-Agent": '"' * 3000, "X-Amzn-Trace-Id": "Root=" + "]" * 3000}
    await lab.ask("/" + "]" * 3000, headers=headers)
    await lab.ask("/next")
    entry, following = await logged(lab, 2)
    assert following["request"] == f"GET http://lab:{PORT}/next HTTP/1.1"
    assert entry["trace_id"].startswith("Self=1-")
    assert "]]]" in entry["trace_id"]
    assert entry["request"].startswith(f"GET http://lab:{PORT}/]]]]")
    assert entry["request"].endswith(" HTTP/1.1")
    assert entry["user_agent"].startswith(r"\x22" * 100)


async def serving(lab: Lab, name: str, talk: Talk | None) -> int:
    """Have a target group whose target talks like this, or refuses; the target's port."""
    target = lab.targets[name] = _Talking(name, lab.seen.append, talk=talk)
    await target.start()
    lab.group(name)
    return target.port


@dataclass
class _Talking(Target):
    talk: Talk | None = None

    async def start(self) -> None:
        server = await asyncio.start_server(self.talk or _silence, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        if self.talk is None:
            server.close()


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if b"/chat" in head:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")
        writer.write(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        await reader.read()
    writer.close()


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
