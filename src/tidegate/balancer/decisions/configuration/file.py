"""HAProxy's file as text, with the tables that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import DictLoader, Environment, PackageLoader, StrictUndefined

from tidegate.balancer.decisions.configuration.answers import LOCATION_BYTES_MAX
from tidegate.balancer.decisions.configuration.backends import BROWSER_SECONDS, backend
from tidegate.balancer.decisions.configuration.desync import (
    CONTROL_CHARACTERS,
    INVALID_NAME,
    INVALID_NAMES,
    may_be_remarkable,
    may_be_suspicious,
    suspicious_names,
)
from tidegate.balancer.decisions.configuration.forwards import DRAWS, NOWHERE
from tidegate.balancer.decisions.configuration.frontends import Bound, Frontend, frontend
from tidegate.balancer.decisions.configuration.names import NAMES_ADDRESS, NAMES_SUFFIX, routers
from tidegate.balancer.decisions.configuration.quoting import quoted, verbatim
from tidegate.balancer.decisions.configuration.rules import DEFAULT_NUMBER
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.balancer.decisions.configuration.tokens import KeySets, digest, token_files
from tidegate.balancer.decisions.pages import PHRASES, html
from tidegate.balancer.decisions.servers import Server, backend_name
from tidegate.balancer.decisions.stickiness import Stickiness
from tidegate.fleet.balancing import EdgeDocument, GroupDocument

_TEMPLATES = Environment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)
# All are read now: an upgrade that replaces them must not meet the code of before in a balancer that runs.
_FILES = PackageLoader("tidegate.balancer")
_TEMPLATES.loader = DictLoader(
    {name: _FILES.get_source(_TEMPLATES, name)[0] for name in _FILES.list_templates()}
)
# Of all headers of a request, or of a response: what HAProxy's usual buffers take. It keeps 1 KiB of a buffer
# for what it adds.
HEADER_KIB, HEADER_KIB_MAX = 15, 64
CONNECT_SECONDS = 2
RETRIES = 3
IDLE_SECONDS = 60
# What a user's pipes may hold altogether is enough for 256 of them. Who finds none left is copied.
_PIPES_MAX, _CONNECTIONS_A_PIPE = 128, 32
# The last attempt has begun, and was not refused: a refusal waits at most a second for the next.
_SILENT_MILLISECONDS = int((RETRIES + 0.5) * CONNECT_SECONDS * 1000)
# What a target that could not be reached is to the client, by how long it was tried.
_UNREACHABLE = (
    f"%[date(0,ms),sub(txn.began),set-var(txn.tried),div({_SILENT_MILLISECONDS}),bool,"
    "iif(504 Gateway Time-out,502 Bad Gateway)]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """HAProxy's socket, the folders of its error pages, of its tables, and of certificates with their keys,
    the script for clients' chains of certificates, the folder of the scripts for tokens, the balancer's own
    socket, the descriptors of its two logs."""

    stats_socket: str
    pages: str
    tables: str
    secrets: str
    chain: str
    scripts: str
    identity_socket: str
    access_log: int
    error_log: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What tables say, and the state of servers, changes while HAProxy runs. `secrets`: certificates with
    their keys and the lists of them, by file name."""

    text: str
    tables: tuple[Table, ...]
    secrets: Mapping[str, str]

    @property
    def frame(self) -> str:
        """The text without its servers: HAProxy needs a reload when this changes, and only then."""
        return "".join(line for line in self.text.splitlines(True) if not line.startswith("  server "))


def render(
    edge: EdgeDocument,
    bound: Sequence[Bound],
    backends: Mapping[str, Mapping[str, Mapping[str, Server]]],
    groups: Mapping[str, GroupDocument],
    paths: Paths,
    connections_max: int,
    stickiness: Stickiness,
    key_sets: KeySets,
    header_kib: int = HEADER_KIB,
) -> Rendered:
    """The whole file. `backends` of each target group, and their servers, by their names; each server with
    its present state, since a reload forgets what was set at run time.
    `key_sets`: the keys of issuers of tokens, those that are known. `header_kib`: KiB of all headers of a
    request, or of a response."""
    idle = _idle_timeouts(edge)
    known = {arn: backends.get(arn, {backend_name(arn): {}}) for arn in sorted(edge.target_groups)}
    frontends = [
        frontend(item, known, stickiness, edge, paths.secrets, key_sets)
        for item in sorted(bound, key=lambda one: one.listener.arn)
    ]
    shared = routers(bound, edge)
    tokens = token_files(edge, key_sets)
    text = _TEMPLATES.get_template("haproxy.cfg.j2").render(
        backends=[
            backend(name, groups.get(arn), servers, idle.get(arn, IDLE_SECONDS), stickiness)
            for arn, found in known.items()
            for name, servers in found.items()
        ],
        frontends=frontends,
        routers=shared,
        names_address=NAMES_ADDRESS,
        names_suffix=NAMES_SUFFIX,
        asks_clients=any(one.tls and one.tls.client_certificates != "off" for one in frontends),
        passes_chains=any(one.tls and one.tls.client_certificates == "passthrough" for one in frontends),
        has_logins=any(one.logins for one in frontends),
        tokens_digest=digest(tokens) if tokens else None,
        paths=paths,
        connections_max=connections_max,
        buffer_bytes=(header_kib + 1) * 1024 if header_kib != HEADER_KIB else None,
        pipes_max=min(_PIPES_MAX, connections_max // _CONNECTIONS_A_PIPE),
        connect_seconds=CONNECT_SECONDS,
        silent_milliseconds=_SILENT_MILLISECONDS,
        unreachable=quoted(html(_UNREACHABLE)),
        retries=RETRIES,
        idle=IDLE_SECONDS,
        errors=sorted(PHRASES),
        draws=DRAWS,
        nowhere=NOWHERE,
        location_bytes_max=LOCATION_BYTES_MAX,
        browser_seconds=BROWSER_SECONDS,
        default_number=DEFAULT_NUMBER,
        may_be_remarkable=verbatim(may_be_remarkable()),
        invalid_name=verbatim(INVALID_NAME),
        invalid_names=verbatim(INVALID_NAMES),
        control_characters=verbatim(CONTROL_CHARACTERS),
        may_be_suspicious=verbatim(may_be_suspicious()),
        suspicious_names=verbatim(suspicious_names()),
    )
    return Rendered(
        text=text,
        tables=(
            *(table for one in frontends for table in one.tables),
            *(one.table for one in shared),
        ),
        secrets=_certificates(frontends) | tokens,
    )


def _certificates(frontends: Sequence[Frontend]) -> dict[str, str]:
    """Of all listeners, by file name."""
    return {
        name: content for one in frontends if one.tls is not None for name, content in one.tls.files.items()
    }


def _idle_timeouts(edge: EdgeDocument) -> dict[str, int]:
    """The idle timeout towards the targets of each group: a group belongs to one load balancer."""
    return {
        arn: balancer.idle_timeout_seconds
        for balancer in edge.load_balancers
        for listener in balancer.listeners
        for arn in listener.target_groups
    }
