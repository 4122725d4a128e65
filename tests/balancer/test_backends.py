"""Target groups as HAProxy's backends, reviewed as text: `golden/backends/` holds what is expected.

After a wanted change, run with TIDEGATE_UPDATE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tidegate.balancer.decisions import configuration, pages
from tidegate.balancer.decisions.configuration import Paths
from tidegate.balancer.decisions.health import Health
from tidegate.balancer.decisions.pools import Knowledge, backends
from tidegate.balancer.decisions.stickiness import Stickiness, map_files, maps
from tidegate.balancer.haproxy import binary
from tidegate.balancer.haproxy.certificates import CHAIN_SCRIPT
from tidegate.fleet.balancing import (
    EdgeDocument,
    GroupDocument,
    GroupStickiness,
    GroupTarget,
    HealthCheckDocument,
)

GOLDEN = Path(__file__).parent / "golden" / "backends"
ARN = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/blue/b111"
TARGETS = (
    GroupTarget(id="i-1", port=32768, address="127.80.1.1"),
    GroupTarget(id="i-2", port=32769, address="127.80.1.2"),
)
STICKINESS = Stickiness(folder="/run/tg/sticky", key=b"secret")
HEALTH = {("i-1", 32768): Health(state="healthy")}
GROUPS: dict[str, dict[str, Any]] = {
    "http1": {},
    "https": {"protocol": "HTTPS"},
    "http2": {"protocol_version": "HTTP2"},
    "http2_secure": {"protocol": "HTTPS", "protocol_version": "HTTP2"},
    "grpc": {"protocol_version": "GRPC", "algorithm": "least_outstanding_requests"},
    "random": {"algorithm": "weighted_random"},
    "lb_cookie": {"stickiness": GroupStickiness(type="lb_cookie", seconds=3600)},
    "app_cookie": {"stickiness": GroupStickiness(type="app_cookie", seconds=60, cookie_name="SESSION")},
}


def a_group(name: str) -> GroupDocument:
    return GroupDocument(
        target_group_arn=ARN,
        generation=1,
        health_check=HealthCheckDocument(),
        targets=TARGETS,
        **GROUPS[name],
    )


def rendered(group: GroupDocument) -> str:
    return configuration.render(
        EdgeDocument(generation=1, target_groups=(ARN,)),
        [],
        {ARN: backends(ARN, group, (), Knowledge(HEALTH, stickiness=STICKINESS))},
        {ARN: group},
        Paths(
            stats_socket="/run/tg/haproxy.sock",
            pages="/run/tg/pages",
            tables="/run/tg/tables",
            secrets="/run/tg/secrets",
            chain="/run/tg/chain.lua",
            scripts="/run/tg/scripts",
            identity_socket="identity/sock",
            access_log=60,
            error_log=61,
        ),
        connections_max=1000,
        stickiness=STICKINESS,
        key_sets={},
    ).text


@pytest.mark.parametrize("name", GROUPS)
def test_a_backend_is_as_reviewed(name: str) -> None:
    text, golden = rendered(a_group(name)), GOLDEN / f"{name}.cfg"
    backend = text[text.index("backend tg_") :]
    if os.environ.get("TIDEGATE_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(backend)
    assert backend == golden.read_text()


@pytest.mark.parametrize("name", GROUPS)
def test_haproxy_accepts_a_backend(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for page, content in pages.files().items():
        (folder / page).write_text(content, newline="")
    (tmp_path / "sticky").mkdir()
    for path, content in map_files(maps(str(tmp_path / "sticky"), "tg_b111"), ()).items():
        Path(path).write_text(content)
    text = rendered(a_group(name)).replace("/run/tg/scripts", str(CHAIN_SCRIPT.parent))
    text = text.replace("/run/tg", str(tmp_path))
    # The logs' descriptors are inherited in life; a check has none.
    text = text.replace("log fd@60", "log fd@1").replace("log fd@61", "log fd@2")
    file = tmp_path / "haproxy.cfg"
    file.write_text(text + "\nfrontend f from alb\n  bind 127.0.0.1:1\n")
    done = subprocess.run(
        [binary.find(), "-c", "-f", file], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
