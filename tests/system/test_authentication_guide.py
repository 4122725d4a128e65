"""The example of `docs/authentication.md`, run as it is written."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.system.conftest import Product

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "authentication.md"


def _free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """What a test must not share with others on the machine, by what the guide says."""
    # A listener answers a moment after the call that makes it.
    patient = "curl --retry 20 --retry-connrefused --retry-delay 1 --"
    return {"9443": _free_port(), "8443": _free_port(), "/tmp/": f"{tmp_path}/", "curl --": patient}


@pytest.fixture
def provider(places: dict[str, str], tmp_path: Path) -> Iterator[Path]:
    """Runs the provider; gives the certificate of its authority."""
    folder = tmp_path / "provider"
    command = [sys.executable, "-m", "tidegate.testing.identity_provider", str(folder), places["9443"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "client shop, secret a-secret" in running.stdout.readline()
        yield folder / "authority.pem"
        running.terminate()


def _commands(places: dict[str, str]) -> str:
    """All but those that start the provider and the product."""
    _, *blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    text = "\n".join(blocks)
    for said, here in places.items():
        text = text.replace(said, here)
    return text


def test_the_guides_example_does_what_it_says(
    start_product: Callable[..., Product], provider: Path, places: dict[str, str]
) -> None:
    product = start_product(environment={"SSL_CERT_FILE": str(provider)})
    environment = product.environment
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", _commands(places)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env=environment,
    )
    assert "welcome" in done.stdout, done.stderr
    assert "HTTP/2 401" in done.stdout, done.stdout
    assert "www-authenticate: Bearer" in done.stdout
    assert done.stdout.endswith("data"), done.stdout
    edge = (product.data_dir / "balancer" / "edge.json").read_text()
    key_id = re.findall(r'"key_id":"([^"]+)"', edge)[0]
    with urllib.request.urlopen(f"{product.endpoint}/public-keys.auth.elb/{key_id}") as answer:
        assert answer.read().startswith(b"-----BEGIN PUBLIC KEY-----")
