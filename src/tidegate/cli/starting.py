"""The first steps of `tidegate up`: one supervisor a directory, its settings, its socket, its network.

Imports little: until control is spawned, every import delays the first answer.
"""

from __future__ import annotations

import errno
import fcntl
import importlib
import importlib.util
import os
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from tidegate.cli import processes, settings
from tidegate.cli.places import Places, command
from tidegate.cli.runtimes import RuntimeMissingError, choose_runtime
from tidegate.cli.settings import Settings

# Requests that wait in it while control restarts.
_BACKLOG = 1024
# What the longest path of a UNIX socket inside leaves of the 107 characters that the kernel allows.
_DATA_DIR_LENGTH_MAX = 70
_PATIENCE_SECONDS = 10.0
_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]+")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ACCESS_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SECRET_KEY = re.compile(r"[!-~]+")
# Their values hold a key or a password, and errors end in logs.
_SECRET_OPTIONS = ("--secret-key", "--database-url")
_DATABASE_URL = re.compile(r"postgresql\+psycopg://\S+")


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
    runtime: str | None = None
    database_url: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """`listener`: the API's socket, which outlives every control. `holds`: the lock on the directory and
    the claim on the network, open for as long as we run. `left`: the runtime that tasks ran on before,
    where it is another now."""

    chosen: Settings
    listener: socket.socket
    holds: tuple[object, ...]
    left: str | None = None


def begin(data_dir: Path, wishes: Wishes) -> Start:
    """Make or load the settings and take what only one may have. Raises StartError, SettingsError or
    RuntimeMissingError.

    A supervisor that was killed left its processes behind. Its control is ended here: it holds the socket.
    The balancer and the agents are adopted, unless they were told what is no longer so; then they are ended
    too, while HAProxy and the containers run on for their successors to adopt.
    """
    check(wishes)
    is_new = not data_dir.exists()
    if not is_new:
        _check_ours(data_dir)
    lock = _lock(data_dir)
    try:
        return _begun(data_dir, wishes, lock)
    except (StartError, settings.SettingsError, RuntimeMissingError):
        os.close(lock)
        if is_new:
            shutil.rmtree(data_dir)
        raise


def _check_ours(data_dir: Path) -> None:
    places = Places(data_dir)
    if data_dir.is_dir() and not places.settings.exists() and (others := places.others()):
        raise StartError(
            f"{data_dir} holds what is not Tidegate's ({', '.join(others[:3])}): choose a new or an empty "
            "directory with --data-dir"
        )


def _begun(data_dir: Path, wishes: Wishes, lock: int) -> Start:
    known = settings.load(data_dir) if Places(data_dir).settings.exists() else None
    if known is not None:
        _check_identity(data_dir, known, wishes)
    runtime = choose_runtime(wishes.runtime, known.runtime if known else None)
    _end(data_dir, "control")
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
        runtime=runtime,
        database_url=wishes.database_url or (known.database_url if known else ""),
    )
    if known is not None and known != chosen:
        for name in processes.names(data_dir):
            _end(data_dir, name)
    left = known.runtime if known is not None and known.runtime != runtime else None
    if left is not None:
        # Nobody would see them any more. Rare, and slow to import.
        importlib.import_module("tidegate.cli.shutdown").remove_all_containers(data_dir)
    settings.save(data_dir, chosen)
    return Start(chosen, listener, (lock, claim), left)


def check(wishes: Wishes) -> None:
    """Refuse by name what cannot be, before anything is made. Raises StartError."""
    for option, value, form, told in (
        ("--region", wishes.region, _REGION, "a region's name, such as eu-west-1"),
        ("--account", wishes.account, _ACCOUNT, "12 digits"),
        # It stands in the Authorization header, between marks of its own.
        ("--access-key", wishes.access_key, _ACCESS_KEY, "letters, digits, - and _"),
        ("--secret-key", wishes.secret_key, _SECRET_KEY, "at least one character, and no spaces"),
        ("--database-url", wishes.database_url, _DATABASE_URL, "postgresql+psycopg://USER@HOST/DATABASE"),
    ):
        if value is not None and form.fullmatch(value) is None:
            shown = "" if option in _SECRET_OPTIONS else f", not {value!r}"
            raise StartError(f"{option} takes {told}{shown}")
    if (wishes.access_key is None) != (wishes.secret_key is None):
        given, missing = "--access-key", "--secret-key"
        if wishes.access_key is None:
            given, missing = missing, given
        raise StartError(f"{given} is half of a pair: give {missing} as well, or neither")
    if wishes.database_url is not None and importlib.util.find_spec("psycopg") is None:
        raise StartError("--database-url needs PostgreSQL's client: install tidegate[postgresql]")


def _check_identity(data_dir: Path, known: Settings, wishes: Wishes) -> None:
    """The names of all that exists say region and account."""
    for option, before, value in (
        ("--region", known.region, wishes.region),
        ("--account", known.account, wishes.account),
    ):
        if value not in (None, before):
            raise StartError(
                f"{option} is {before} in {data_dir}, and what exists there is named after it: give "
                f"another --data-dir, or begin anew after `{command('down --purge', data_dir)}`"
            )


def bind(endpoint: str) -> socket.socket:
    """The API's listening socket. Raises StartError."""
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise StartError(f"--endpoint takes HOST:PORT, such as {settings.DEFAULT_ENDPOINT}, not {endpoint!r}")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), int(port)))
    except OSError as error:
        listener.close()
        raise StartError(
            f"{endpoint} cannot be used ({error.strerror or error}): {_mend(error)}choose another with "
            "--endpoint HOST:PORT (port 0 takes a free one)"
        ) from error
    listener.listen(_BACKLOG)
    return listener


def _mend(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "stop what listens there, or "
    if error.errno == errno.EACCES:
        return "ports below 1024 are the administrator's; "
    return ""


def _lock(data_dir: Path) -> int:
    """The right to be this directory's supervisor; the kernel gives it back when we end, however."""
    if len(str(data_dir)) > _DATA_DIR_LENGTH_MAX:
        raise StartError(
            f"--data-dir is longer than {_DATA_DIR_LENGTH_MAX} characters, too long for the sockets inside"
        )
    folder = Places(data_dir).run
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(
            f"{data_dir} cannot be used ({error.strerror}): choose another directory with --data-dir"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StartError(
            f"tidegate is up already in {data_dir}: see `{command('status', data_dir)}`"
        ) from error
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
            f"another installation uses this one's network {network}: stop that one, or "
            f"`{command('down --purge', data_dir)}` and start afresh"
        )
    return claim
