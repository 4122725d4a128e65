"""What workers of HAProxy's that have been replaced are told, and how long they live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tidegate.balancer.decisions.servers import Server, commands
from tidegate.balancer.decisions.stickiness import maps

# Each costs memory, and changes may come every few seconds. Whatever rests now and then is done sooner.
KEPT_MAX = 5
SECONDS_MIN = 300.0

# By backend, and in it by name.
Servers = Mapping[str, Mapping[str, Server]]

_BACKENDS, _SERVERS = "# name", "# be_id "
_RUNNING, _NOT_FORCED = "2", "0"


def over(since: Mapping[int, float], silent: Mapping[int, float], now: float) -> list[int]:
    """Those whose time is over, by pid. `since`: when each was replaced; `silent`: since when those that do
    not hear of targets are so (monotonic seconds). Of the others the last stay for as long as they like."""
    newest_first = sorted(since.keys() - silent.keys(), key=lambda pid: (since[pid], pid), reverse=True)
    ending = {**silent, **{pid: since[pid] for pid in newest_first[KEPT_MAX:]}}
    return sorted(pid for pid, at in ending.items() if now - at >= SECONDS_MIN)


def own_servers(answer: str) -> dict[str, dict[str, Server]] | None:
    """What a worker has, by its own words (`show backend; show servers state`): all backends with their
    servers. None when it has not said so."""
    if _BACKENDS not in answer or _SERVERS not in answer:
        return None
    names, table = answer.split(_SERVERS, 1)
    first, *rows = table.splitlines()
    columns = ["be_id", *first.split()]
    found: dict[str, dict[str, Server]] = {name: {} for name in _names(names)}
    for row in rows:
        cells = dict(zip(columns, row.split(), strict=False))
        if "srv_port" in cells:
            server = _server(cells)
            found.setdefault(cells["be_name"], {})[server.name] = server
    return found


def changes(told: Servers, wanted: Servers, folder: str) -> list[str]:
    """What to tell a worker that knows `told`, of the backends that it has. `folder`: of the maps of groups
    that are sticky."""
    return [
        text
        for backend, servers in wanted.items()
        if backend in told and told[backend] != servers
        for text in commands(backend, told[backend], servers, maps(folder, backend), setting="put server")
    ]


def surplus(told: Servers, wanted: Servers) -> Iterator[tuple[str, str]]:
    """The servers that a worker should not have any more: backend and name."""
    for backend, servers in wanted.items():
        if backend in told:
            yield from ((backend, name) for name in told[backend] if name not in servers)


def _names(answer: str) -> list[str]:
    listed = answer.split(_BACKENDS, 1)[1].splitlines()
    # Behind them the version of the table that follows.
    return [line for line in listed if line and not line.isdigit()]


def _server(cells: Mapping[str, str]) -> Server:
    return Server(
        name=cells["srv_name"],
        address=cells["srv_addr"],
        port=int(cells["srv_port"]),
        # One that drains runs, too.
        is_ready=cells["srv_op_state"] == _RUNNING and cells["srv_admin_state"] == _NOT_FORCED,
        weight=int(cells["srv_uweight"]),
    )
