"""Live state in memory, durable before it is acknowledged or seen.

Theory of operation. The whole region is one immutable `State` of persistent maps. A transaction runs
synchronously against the newest state (`head`), which may hold transactions that are not on disk yet;
when its function returns, its state becomes the head and its changes queue for the writer. The writer
puts whatever has queued on disk in one commit, off the event loop, and only then moves the durable
`snapshot` that readers see, answers the waiting callers, and signals subscribers. So a reader never sees
what a crash could take back, and many callers share one fsync.

If the disk refuses, the callers of that batch and of everything built upon it get the error, and the
head falls back to the durable snapshot.
"""

from tidegate.control.store.database import Database, MemoryDatabase
from tidegate.control.store.snapshot import Snapshot
from tidegate.control.store.store import Change, Conflict, Store, StoreFailedError, Transaction
from tidegate.control.store.table import Table

__all__ = [
    "Change",
    "Conflict",
    "Database",
    "MemoryDatabase",
    "Snapshot",
    "Store",
    "StoreFailedError",
    "Table",
    "Transaction",
]
