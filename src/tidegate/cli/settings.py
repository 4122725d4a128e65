"""The installation's settings: made on the first start, read by every command after it."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
from collections.abc import Iterator
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path

from tidegate.cli.places import Places, command
from tidegate.fleet.files import write_whole

# Away from 4566, where LocalStack and its like answer, and from the ports of common development servers.
DEFAULT_ENDPOINT = "127.0.0.1:7400"
CLAIM_PORT = 7400
DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "000000000000"


class SettingsError(Exception):
    """The settings are missing or broken; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`network`: the first two octets of the /16 whose loopback addresses this installation uses.
    `runtime`: docker or process, as chosen at the last start. `database_url`: where the state is kept;
    nothing for SQLite in the data directory."""

    endpoint: str
    region: str
    account: str
    access_key: str
    secret_key: str = field(repr=False)
    network: str
    runtime: str
    database_url: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.endpoint}"


def load(data_dir: Path) -> Settings:
    """The settings of an installation that was started once; raises SettingsError."""
    file = Places(data_dir).settings
    try:
        document = json.loads(file.read_text())
        # What has a default came later: an older version's file does not have it.
        names = [f.name for f in fields(Settings) if f.default is MISSING or f.name in document]
        return Settings(**{name: str(document[name]) for name in names})
    except FileNotFoundError as error:
        raise SettingsError(
            f"nothing was started in {data_dir} yet: run `{command('up', data_dir)}`"
        ) from error
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read ({error.strerror}): be the user who started it, or choose another "
            "directory with --data-dir"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{file} is broken, or not Tidegate's ({error!r}): choose another directory with --data-dir, or "
            "remove it to have new keys made"
        ) from error


def save(data_dir: Path, settings: Settings) -> None:
    """Write the settings so that only their owner can read them."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(Places(data_dir).settings, f"{json.dumps(asdict(settings), indent=2)}\n".encode())


def new_access_key() -> str:
    """Twenty characters in the form of AWS's: recognised by client-side checks."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "AKIA" + "".join(secrets.choice(alphabet) for _ in range(16))


def new_secret_key() -> str:
    """Forty characters, as AWS's."""
    return secrets.token_urlsafe(30)


def free_network() -> tuple[str, socket.socket]:
    """A /16 of 127.0.0.0/8 that no other installation of this machine uses, and the claim on it.

    127.0 to 127.63 are left alone: other software likes the low ones. An installation that is down makes
    no claim: two that were never up together may draw the same one of 191.
    """
    taken = set(_listening_networks())
    candidates = [f"127.{octet}" for octet in range(64, 255) if f"127.{octet}" not in taken]
    for network in secrets.SystemRandom().sample(candidates, len(candidates)):
        claim = claim_network(network)
        if claim is not None:
            return network, claim
    raise SettingsError("every network from 127.64 to 127.254 is in use: stop another installation")


def claim_network(network: str) -> socket.socket | None:
    """Keep other installations off a network for as long as the socket is open; None when one is there."""
    claim = socket.socket()
    try:
        claim.bind((f"{network}.0.1", CLAIM_PORT))
    except OSError:
        claim.close()
        return None
    return claim


def _listening_networks() -> Iterator[str]:
    """Networks in which anybody listens, as the kernel's table of sockets shows: what runs on after its
    supervisor was killed included."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            local = line.split()[1].split(":")[0]
            octets = socket.inet_ntoa(bytes.fromhex(local)[::-1]).split(".")
            if octets[0] == "127":
                yield ".".join(octets[:2])
