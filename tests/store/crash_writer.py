"""A process that writes clusters until it is killed; prints each name once it is acknowledged.

Run as `crash_writer.py URL ROUND`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

from tidegate.control.store import Store, Transaction
from tidegate.control.store.opening import open_database
from tidegate.control.store.tables import ALL, CLUSTERS
from tidegate.domain.ecs import Cluster

WRITERS = 8


async def write_for_ever(store: Store, round_number: str, writer: int) -> None:
    number = 0
    while True:
        name = f"{round_number}-{writer}-{number}"
        # Two rows a transaction: after a crash both are there or neither is.
        rows = [
            Cluster(arn=f"{name}/{half}", name=name, created_at=datetime.now(UTC))
            for half in ("left", "right")
        ]

        def put(tx: Transaction, rows: list[Cluster] = rows) -> None:
            for row in rows:
                tx.put(CLUSTERS, row)

        await store.transact(put)
        # One write call a line, so that a kill never leaves half a line in the pipe.
        os.write(1, f"{name}\n".encode())
        number += 1


async def main() -> None:
    store = Store(open_database(sys.argv[1]), ALL)
    store.load()
    await asyncio.gather(*(write_for_ever(store, sys.argv[2], writer) for writer in range(WRITERS)))


asyncio.run(main())
