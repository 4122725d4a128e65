"""Load with h2load: HTTP/2 over TLS, on few connections that are kept, or on one for each request."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.load_balancer.wrk import Slice, on_core, program
from bench.measuring.http import LoadFailedError
from bench.measuring.processes import cpu_seconds
from bench.peers.cases import LARGE_MARK, Case

# As many requests at a time as wrk's connections.
_CONNECTIONS, _STREAMS = 4, 8
# h2load opens connections at a fixed pace only: slow enough for everybody to follow.
_CONNECTIONS_A_TENTH = 15
_URLS = 1000


def urls(address: str, rules: int, *, is_large: bool) -> list[str]:
    """Paths for all rules that ask for one, in turn, and for none; the host is the same in all."""
    return [
        f"https://{address}{_path(number % (rules + rules // 10), number)}?page={number % 7}"
        + (LARGE_MARK if is_large else "")
        for number in range(_URLS)
    ]


def load(
    core: int,
    address: str,
    case: Case,
    seconds: int,
    rules: int,
    proxy: Sequence[int],
    beside: Sequence[int],
    folder: Path,
) -> Slice:
    """Put load on for whole seconds, from this core. Raises LoadFailedError when a request failed."""
    asked, log = folder / "urls.txt", folder / "h2load.log"
    asked.write_text("\n".join(urls(address, rules, is_large=case.is_large)) + "\n")
    log.unlink(missing_ok=True)
    command = [*on_core(core), program("h2load", "nghttp2-client"), "-t1", "-i", str(asked)]
    command += [f"--log-file={log}", *_pace(case, seconds)]
    before = cpu_seconds(*proxy), cpu_seconds(*beside)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    spent = cpu_seconds(*proxy) - before[0], cpu_seconds(*beside) - before[1]
    if done.returncode or not log.exists():
        raise LoadFailedError(f"h2load: {done.stderr or done.stdout}")
    return slice_of(log.read_text(), address, spent)


def slice_of(log: str, address: str, spent: tuple[float, float]) -> Slice:
    """From h2load's lines: when a request was sent, its status, how long it took; microseconds."""
    rows = [[int(field) for field in line.split("\t")] for line in log.splitlines()]
    failed = sum(status != 200 for _, status, _ in rows)
    if failed or not rows:
        raise LoadFailedError(f"{failed} of {len(rows)} requests to {address} failed")
    seconds = (max(sent + took for sent, _, took in rows) - min(sent for sent, *_ in rows)) / 1e6
    times = sorted(took / 1e6 for *_, took in rows)
    p50, p99 = (times[len(times) * percent // 100] for percent in (50, 99))
    return Slice(len(rows), seconds, *spent, p50, p99)


def _pace(case: Case, seconds: int) -> list[str]:
    if not case.is_fresh:
        return [f"-D{seconds}", f"-c{_CONNECTIONS}", f"-m{_STREAMS}"]
    total = _CONNECTIONS_A_TENTH * 10 * seconds
    return [f"-n{total}", f"-c{total}", "-m1", f"-r{_CONNECTIONS_A_TENTH}", "--rate-period=100ms"]


def _path(rule: int, number: int) -> str:
    # As bench/load_balancer/rules.lua has them.
    kind = rule % 10
    if kind < 4:
        return f"/team-{rule}/items/{number}"
    if kind == 9:
        return f"/v2/kinds-{rule}/{number}/parts"
    return f"/items/{number}"
