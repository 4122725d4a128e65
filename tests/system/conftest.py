"""A real Tidegate for a test: started detached in a directory of its own, taken down afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from playwright.sync_api import BrowserContext
from tests.system.browser import console_context


@dataclass(frozen=True, slots=True)
class Product:
    """A running Tidegate, as its user sees it."""

    data_dir: Path
    settings: Mapping[str, Any]

    @property
    def endpoint(self) -> str:
        return f"http://{self.settings['endpoint']}"

    @property
    def environment(self) -> dict[str, str]:
        """What `eval "$(tidegate env)"` gives to a client."""
        return {
            **os.environ,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": str(self.settings["access_key"]),
            "AWS_SECRET_ACCESS_KEY": str(self.settings["secret_key"]),
            "AWS_REGION": str(self.settings["region"]),
            "AWS_DEFAULT_REGION": str(self.settings["region"]),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.settings["region"],
            aws_access_key_id=self.settings["access_key"],
            aws_secret_access_key=self.settings["secret_key"],
        )

    def tidegate(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return tidegate(self.data_dir, *arguments, check=check)


def tidegate(
    data_dir: Path, *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tidegate.cli.main", *arguments, "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if check and done.returncode != 0:
        pytest.fail(f"tidegate {' '.join(arguments)} exited {done.returncode}: {done.stdout}{done.stderr}")
    return done


@pytest.fixture
def start_product() -> Iterator[Callable[..., Product]]:
    """Starts products; each is taken down and removed after the test."""
    # A UNIX socket's path is short: pytest's own directories, named after user and test, can be too long.
    folder = Path(tempfile.mkdtemp(prefix="tidegate-test-", dir="/tmp"))
    started: list[Path] = []

    def start(
        name: str = "data",
        *options: str,
        runtime: str = "process",
        environment: Mapping[str, str] | None = None,
    ) -> Product:
        data_dir = folder / name
        started.append(data_dir)
        arguments = ["up", "--detach", "--runtime", runtime, "--endpoint", "127.0.0.1:0", *options]
        tidegate(data_dir, *arguments, environment=environment)
        return Product(data_dir, json.loads((data_dir / "settings.json").read_text()))

    yield start
    for data_dir in started:
        tidegate(data_dir, "down", "--purge", check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def product(start_product: Callable[..., Product]) -> Product:
    """One product on processes."""
    return start_product()


@pytest.fixture
def context() -> Iterator[BrowserContext]:
    """Chromium, for pages of the console."""
    with console_context() as context:
        yield context
