"""HAProxy's configuration, reviewed as text: `golden/` holds what is expected.

After a wanted change, run with TIDEGATE_UPDATE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tidegate.balancer.decisions import configuration, pages
from tidegate.balancer.decisions.configuration import Bound, Paths
from tidegate.balancer.decisions.servers import Server
from tidegate.balancer.decisions.stickiness import Stickiness
from tidegate.balancer.haproxy import binary
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeRule,
    GroupDocument,
    HealthCheckDocument,
)

GOLDEN = Path(__file__).parent / "golden"
PREFIX = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
BLUE, GREEN = f"{PREFIX}:targetgroup/blue/b111", f"{PREFIX}:targetgroup/green/a222"
ACTIONS = {
    "forward": EdgeAction(type="forward", target_groups=((BLUE, 1),)),
    "weighted": EdgeAction(type="forward", target_groups=((BLUE, 9), (GREEN, 1))),
    "redirect": EdgeAction(
        type="redirect", redirect=("HTTP_301", "HTTPS", "#{host}", "443", "/#{path}", "#{query}")
    ),
    "fixed": EdgeAction(type="fixed-response", fixed=("404", "text/plain", 'no "such" $thing\n')),
}


def rendered(action: EdgeAction) -> str:
    listener = EdgeListener(
        arn=f"{PREFIX}:listener/app/shop/c333/d444",
        port=80,
        protocol="HTTP",
        rules=(EdgeRule(arn=f"{PREFIX}:listener-rule/app/shop/c333/d444/e555", action=action),),
    )
    balancer = EdgeLoadBalancer(
        arn=f"{PREFIX}:loadbalancer/app/shop/c333",
        name="shop",
        dns_name="shop-1.us-east-1.elb.localhost",
        address="127.80.2.1",
        listeners=(listener,),
    )
    return configuration.render(
        EdgeDocument(generation=1, load_balancers=(balancer,), target_groups=(BLUE, GREEN)),
        [Bound(load_balancer=balancer, listener=listener, port=8080)],
        {
            BLUE: {
                "tg_b111": {
                    server.name: server
                    for server in (
                        Server(name="i-2_32769", address="127.80.1.2", port=32769, is_ready=False),
                        Server(name="i-1_32768", address="127.80.1.1", port=32768, is_ready=True),
                    )
                }
            }
        },
        {
            BLUE: GroupDocument(
                target_group_arn=BLUE,
                generation=1,
                algorithm="least_outstanding_requests",
                health_check=HealthCheckDocument(),
            )
        },
        Paths(stats_socket="/run/tg/haproxy.sock", pages="/run/tg/pages", access_log=60, error_log=61),
        connections_max=1000,
        stickiness=Stickiness(),
    )


@pytest.mark.parametrize("name", ACTIONS)
def test_the_file_is_as_reviewed(name: str) -> None:
    text, golden = rendered(ACTIONS[name]), GOLDEN / f"{name}.cfg"
    if os.environ.get("TIDEGATE_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("name", ACTIONS)
def test_haproxy_accepts_the_file(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for page, content in pages.files().items():
        (folder / page).write_text(content, newline="")
    file = tmp_path / "haproxy.cfg"
    text = rendered(ACTIONS[name]).replace("/run/tg", str(tmp_path))
    # The logs' descriptors are inherited in life; a check has none.
    file.write_text(text.replace("log fd@60", "log fd@1").replace("log fd@61", "log fd@2"))
    done = subprocess.run(
        [binary.find(), "-c", "-f", file], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


@pytest.mark.parametrize(("status", "length"), [(503, 162), (502, 122), (400, 122), (504, 132), (500, 142)])
def test_error_pages_have_the_length_of_awss(status: int, length: int) -> None:
    head, body = pages.error_file(status).split("\r\n\r\n", 1)
    assert len(body) == length
    assert f"Content-Length: {length}" in head
