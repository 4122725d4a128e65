"""Live state in memory, durable before it is acknowledged or seen.

Theory of operation. The whole region is one immutable `Snapshot` of persistent maps. A transaction runs
synchronously against the newest state (`head`), which may hold transactions that are not on disk yet;
when its function returns, its state becomes the head and its changes queue for the writer. The writer
puts whatever has queued on disk in one commit, off the event loop, and only then moves the durable
`snapshot` that readers see, answers the waiting callers, and signals subscribers. So a reader never sees
what a crash could take back, and many callers share one fsync.

If the database refuses a write and is known to have kept nothing (a full disk), the callers of that
batch and of everything built upon it get the error, the head falls back to the durable snapshot, and
reads go on: an API that still answers is worth more than one that restarts into the same full disk.
If it cannot be known what was kept (a connection lost in the middle of a commit), no state in memory
can be right: `lost` returns, the process ends, and the next one loads the truth.
"""

from tidegate.control.store.database import (
    Database,
    DatabaseBusyError,
    DatabaseLostError,
    DatabaseUnreachableError,
    MemoryDatabase,
    UnknownSchemaError,
    WriteRefusedError,
)
from tidegate.control.store.snapshot import Snapshot
from tidegate.control.store.store import (
    Change,
    Changes,
    Conflict,
    Store,
    StoreFailedError,
    Subscriber,
    Transaction,
    committing,
)
from tidegate.control.store.table import Table

__all__ = [
    "Change",
    "Changes",
    "Conflict",
    "Database",
    "DatabaseBusyError",
    "DatabaseLostError",
    "DatabaseUnreachableError",
    "MemoryDatabase",
    "Snapshot",
    "Store",
    "StoreFailedError",
    "Subscriber",
    "Table",
    "Transaction",
    "UnknownSchemaError",
    "WriteRefusedError",
    "committing",
]
