"""The first steps of `tidegate up`: one supervisor a directory, its settings, its socket, its network.

Imports little: until control is spawned, every import delays the first answer.
"""

from __future__ import annotations

import fcntl
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli import processes, settings
from tidegate.cli.places import Places
from tidegate.cli.settings import Settings

# Requests that wait in it while control restarts.
_BACKLOG = 1024
# What the longest path of a UNIX socket inside leaves of the 107 characters that the kernel allows.
_DATA_DIR_LENGTH_MAX = 70
_PATIENCE_SECONDS = 10.0


class StartError(Exception):
    """It cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line asks for; None where it says nothing."""

    endpoint: str | None = None
    region: str | None = None
    account: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    runtime: str = "process"


@dataclass(frozen=True, slots=True)
class Start:
    """`listener`: the API's socket, which outlives every control. `holds`: the lock on the directory and
    the claim on the network, open for as long as we run."""

    chosen: Settings
    listener: socket.socket
    holds: tuple[object, ...]


def begin(data_dir: Path, wishes: Wishes) -> Start:
    """Make or load the settings and take what only one may have. Raises StartError or SettingsError.

    A supervisor that was killed left its processes behind. Its control is ended here: it holds the socket.
    The balancer and the agents are adopted, unless they were told what is no longer so; then they are ended
    too, while HAProxy and the containers run on for their successors to adopt.
    """
    if len(str(data_dir)) > _DATA_DIR_LENGTH_MAX:
        raise StartError(
            f"--data-dir is longer than {_DATA_DIR_LENGTH_MAX} characters, too long for the sockets inside"
        )
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _lock(data_dir)
    _end(data_dir, "control")
    known = settings.load(data_dir) if Places(data_dir).settings.exists() else None
    listener = bind(wishes.endpoint or (known.endpoint if known else settings.DEFAULT_ENDPOINT))
    host, port = listener.getsockname()[:2]
    if known is None:
        network, claim = settings.free_network()
    else:
        network, claim = known.network, _claimed_again(data_dir, known.network)
    chosen = Settings(
        endpoint=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        region=wishes.region or (known.region if known else settings.DEFAULT_REGION),
        account=wishes.account or (known.account if known else settings.DEFAULT_ACCOUNT),
        access_key=wishes.access_key or (known.access_key if known else settings.new_access_key()),
        secret_key=wishes.secret_key or (known.secret_key if known else settings.new_secret_key()),
        network=network,
        runtime=wishes.runtime,
    )
    if known is not None and known != chosen:
        for name in processes.names(data_dir):
            _end(data_dir, name)
    settings.save(data_dir, chosen)
    return Start(chosen, listener, (lock, claim))


def bind(endpoint: str) -> socket.socket:
    """The API's listening socket. Raises StartError."""
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise StartError(f"--endpoint takes HOST:PORT, not {endpoint}")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), int(port)))
    except OSError as error:
        listener.close()
        raise StartError(
            f"{endpoint} cannot be used ({error.strerror or error}): stop what listens there, or choose "
            "another with --endpoint HOST:PORT (port 0 takes a free one)"
        ) from error
    listener.listen(_BACKLOG)
    return listener


def _lock(data_dir: Path) -> int:
    """The right to be this directory's supervisor; the kernel gives it back when we end, however."""
    folder = Places(data_dir).run
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StartError(f"tidegate is up already in {data_dir}: see `tidegate status`") from error
    return descriptor


def _end(data_dir: Path, name: str) -> None:
    process = processes.read(data_dir, name)
    if process is not None:
        processes.stop(process, _PATIENCE_SECONDS)
        processes.forget(data_dir, name)


def _claimed_again(data_dir: Path, network: str) -> socket.socket:
    claim = settings.claim_network(network)
    if claim is None:
        raise StartError(
            f"another installation uses this one's network {network}: stop that one, or `tidegate down "
            f"--purge --data-dir {data_dir}` and start afresh"
        )
    return claim
