"""Terraform against a running product."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.system.conftest import Product
from tests.system.mirrors import PROVIDER, mirrors

HERE = Path(__file__).parent


class Stack:
    """A configuration of `terraform/` in a working directory of its own; skips the test where the
    provider is not on this machine."""

    def __init__(self, product: Product, folder: Path, configuration_file: str) -> None:
        found = mirrors(os.environ)
        if not found:
            pytest.skip(f"no mirror on this machine holds {PROVIDER}: name one in TIDEGATE_TERRAFORM_MIRROR")
        self._folder = folder
        folder.mkdir()
        shutil.copy(HERE / "terraform" / configuration_file, folder / "main.tf")
        configuration = folder / "cli.tfrc"
        blocks = "".join(f'  filesystem_mirror {{ path = "{path}" }}\n' for path in found)
        configuration.write_text(f"disable_checkpoint = true\nprovider_installation {{\n{blocks}}}\n")
        self._environment = {**product.environment, "TF_CLI_CONFIG_FILE": str(configuration)}
        done = self.run("init")
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    def apply(self, **variables: str) -> None:
        done = self.run("apply", "-auto-approve", *_given(variables))
        assert done.returncode == 0, done.stdout + done.stderr

    def assert_replans_empty(self, **variables: str) -> None:
        done = self.run("plan", "-detailed-exitcode", *_given(variables))
        assert done.returncode == 0, done.stdout + done.stderr

    def destroy(self, **variables: str) -> None:
        done = self.run("destroy", "-auto-approve", *_given(variables))
        assert done.returncode == 0, done.stdout + done.stderr


def _given(variables: Mapping[str, str]) -> list[str]:
    return [argument for name, value in variables.items() for argument in ("-var", f"{name}={value}")]
