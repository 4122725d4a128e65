"""Certificates, authorities and revocation lists in the running HAProxy: handshakes that begin afterwards
use the new ones, connections that are there go on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tidegate.balancer.haproxy.socket import command

# Clients' chains for headers, in Lua.
CHAIN_SCRIPT = Path(__file__).with_name("chain.lua")

# What HAProxy calls a file, by the end of its name; the longer ends come first.
_KINDS = ((".ca.pem", "ca-file"), (".crl.pem", "crl-file"), (".pem", "cert"))


class CertificateRefusedError(Exception):
    """HAProxy does not know the file or cannot read this content; the message is HAProxy's."""


async def replace_certificates(
    stats_socket: Path, folder: Path, before: Mapping[str, str], now: Mapping[str, str]
) -> None:
    """Make what the files of a folder say what HAProxy goes by: PEM by file name, and the lists of such
    files, which do not change. Raises HaproxyGoneError and CertificateRefusedError."""
    for name, content in now.items():
        if name.endswith(".pem") and content != before.get(name):
            await _replace(stats_socket, folder / name, content)


async def _replace(stats_socket: Path, path: Path, content: str) -> None:
    kind = _kind(path.name)
    # An empty line would end what follows the command.
    lines = "\n".join(line for line in content.splitlines() if line.strip())
    answer = await command(stats_socket, f"set ssl {kind} {path} <<\n{lines}\n")
    if "transaction" not in answer.lower():
        raise CertificateRefusedError(answer.strip())
    answer = await command(stats_socket, f"commit ssl {kind} {path}")
    if "Success" not in answer:
        await command(stats_socket, f"abort ssl {kind} {path}")
        raise CertificateRefusedError(answer.strip())


def _kind(name: str) -> str:
    return next(kind for end, kind in _KINDS if name.endswith(end))
