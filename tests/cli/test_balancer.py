"""What `tidegate balancer` refuses before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidegate.cli import settings
from tidegate.cli.commands.balancer import app
from tidegate.cli.settings import Settings


@pytest.mark.parametrize("listen", ["9100", "127.0.0.1:", "127.0.0.1:99999", "::1:9100", "127.0.0.1:x"])
def test_where_metrics_are_read_is_an_address_and_a_port(tmp_path: Path, listen: str) -> None:
    known = Settings(
        endpoint="127.0.0.1:9",
        region="us-east-1",
        account="000000000000",
        access_key="AKIA",
        secret_key="secret",
        network="127.80",
        runtime="process",
    )
    settings.save(tmp_path, known)
    done = CliRunner().invoke(app, ["--data-dir", str(tmp_path), "--metrics-listen", listen])
    assert done.exit_code == 1
    assert done.stderr == f"tidegate: --metrics-listen takes HOST:PORT, not {listen}\n"
