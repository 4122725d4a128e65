"""Command-line clients as their users run them, against a started product."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import Product

_SECONDS_MAX = 400


def run(product: Product, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of the programs of the development environment, in the environment that `tidegate env` prints."""
    return subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        env=product.environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS_MAX,
        check=False,
    )


class Aws:
    """The plain `aws` CLI."""

    def __init__(self, product: Product) -> None:
        self._product = product

    def __call__(self, *arguments: str) -> Any:
        """What a command prints; the test fails when the command does."""
        done = run(self._product, "aws", *arguments, "--output", "json")
        if done.returncode != 0:
            pytest.fail(f"aws {' '.join(arguments)} exited {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refused(self, *arguments: str) -> str:
        """What a command that has to fail prints."""
        done = run(self._product, "aws", *arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr


def address_of(product: Product, load_balancer_arn: str) -> str:
    """Where a load balancer answers: the address of its network interface."""
    description = "ELB " + load_balancer_arn.split("loadbalancer/", 1)[1]
    filters = [{"Name": "description", "Values": [description]}]
    found = product.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return str(sorted(entry["PrivateIpAddress"] for entry in found)[0])
