"""What every test directory shares: skipping what this machine cannot run, loudly in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tidegate.cli.runtimes import docker_version

IN_CI = bool(os.environ.get("CI"))

# A busy machine is no fault of what is tested. CI's profile is hypothesis's own: every run is the same.
settings.register_profile(
    "tidegate",
    settings.get_profile("ci" if IN_CI else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tidegate")

# structlog's own tracebacks show every variable, and cost up to a second of processor time each.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

_NEEDS = {
    "docker": (lambda: docker_version() is not None, "no Docker engine answers: run scripts/docker-engine"),
    "postgresql": (
        lambda: Path("/usr/lib/postgresql/15/bin/initdb").exists(),
        "PostgreSQL 15 is not installed: apt-get install postgresql",
    ),
    "terraform": (lambda: shutil.which("terraform") is not None, "terraform is not on this machine"),
}
# Terraform is not part of a Debian machine, so even CI may be without it.
_MUST_RUN_IN_CI = {"docker", "postgresql"}


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, (is_there, reason) in _NEEDS.items():
        if item.get_closest_marker(name) is None or is_there():
            continue
        if IN_CI and name in _MUST_RUN_IN_CI:
            pytest.fail(f"CI must run this test, but {reason}")
        pytest.skip(reason)
