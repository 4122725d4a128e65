"""What a start imports before the first answer. Every module of it is waited for by everybody who types
`tidegate up`, and a stopwatch would tell only on a quiet machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Serves a new region from which nothing can be imported later, asks it once, and prints what is there.
_ONE_ANSWER = """
import asyncio, socket, sys
from pathlib import Path
from tidegate.control import importing, server
from tidegate.control.settings import ControlSettings, RegionSettings

async def never(self, name):
    await asyncio.Event().wait()

async def ask(address):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"GET /health HTTP/1.0\\r\\n\\r\\n")
    answer = await reader.read()
    assert b" 200 " in answer, answer

async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    region = RegionSettings(region="us-east-1", account="000000000000", network="127.80", endpoint="")
    settings = ControlSettings(
        region=region, data_dir=Path(sys.argv[1]), access_key="k", secret_key="s",
        listen_fd=listener.detach(),
    )
    serving = asyncio.create_task(server.serve(settings, server.active_database(settings)))
    asking = asyncio.create_task(ask(address))
    await asyncio.wait([serving, asking], return_when=asyncio.FIRST_COMPLETED)
    await asking
    print(*sys.modules)
    serving.cancel()

importing.Importer.module = never
asyncio.run(main())
"""

# Late ones of our own, and libraries that only some requests need.
_NOT_BEFORE_AN_ANSWER = {
    "aiohttp",
    "alembic",
    "boto3",
    "botocore.client",
    "cryptography",
    "jinja2",
    "prometheus_client",
    "psycopg",
    "sqlalchemy",
    "tidegate.agent",
    "tidegate.balancer",
    "tidegate.control.api.acm",
    "tidegate.control.api.application_autoscaling",
    "tidegate.control.api.cloudwatch",
    "tidegate.control.api.ec2.front_end",
    "tidegate.control.api.ecs",
    "tidegate.control.api.elbv2",
    "tidegate.control.api.iam",
    "tidegate.control.api.ssm",
    "tidegate.control.controllers.region",
    "tidegate.control.decisions.metric_maths",
    "tidegate.control.decisions.scaling",
    "tidegate.control.decisions.services",
}
# What needs no event loop, no network and no library answers in the time that Python takes to start.
_NOT_FOR_HELP = {"asyncio", "dataclasses", "inspect", "re", "socket", "ssl", "typer"}


def _modules(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_control_answers_before_its_front_ends_and_controllers_are_imported(tmp_path: Path) -> None:
    imported = _modules("-c", _ONE_ANSWER, str(tmp_path))
    assert "tidegate.control.server" in imported
    assert not _NOT_BEFORE_AN_ANSWER & imported


def test_help_is_printed_before_anything_else_is_imported() -> None:
    script = (
        "import sys; sys.argv = ['tidegate', '--help']; from tidegate.cli.main import main; main(); "
        "print(*sys.modules)"
    )
    assert not _NOT_FOR_HELP & _modules("-c", script)
