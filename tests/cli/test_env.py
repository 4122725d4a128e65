from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tidegate.cli import settings
from tidegate.cli.settings import Settings

SETTINGS = Settings(
    endpoint="127.0.0.1:7400",
    region="eu-west-1",
    account="000000000000",
    access_key="AKIA",
    secret_key="it's $ecret",
    network="127.80",
    runtime="process",
)


def test_a_shell_that_evaluates_it_has_all_that_clients_need(tmp_path: Path) -> None:
    settings.save(tmp_path, SETTINGS)
    script = f'eval "$({sys.executable} -m tidegate.cli.main env --data-dir {tmp_path})" && env'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env={})
    names = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("AWS_"))
    assert names == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:7400",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "it's $ecret",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
