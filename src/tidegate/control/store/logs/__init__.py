"""Log events: durable before they are acknowledged or seen, compressed, bounded on disk.

Theory of operation. A file of SQLite holds *streams* and *chunks*. Whatever is written queues for the
writer's thread, which carries out everything that has queued in one transaction, so that many callers share
one fsync. A batch of events becomes a chunk of its stream as it is: a compressed row that says from when to
when its events are. A moment later the small chunks of a stream are merged into one of 64 KB or so; the
order of events, and where each stands, stay what they were.

A reader walks over the chunks of its span in the order of time and merges those that overlap, on a thread of
its own, for a page of events, in bounded time and room; a place says where the next page goes on. Words that
a pattern needs are looked for in the bytes of a whole chunk first, so that most chunks are not taken apart.

Log groups are rows of the region (`tables.LOG_GROUPS`): a group that is made again under its name is
another one, and what is kept under an id that no group has any more is swept up.

Who ships lines from a file says which bytes of it a batch is (`begin`, `end`), and the stream remembers how
far it has come, in the same transaction: a batch that comes again is not kept twice, and of one that begins
with what is there nothing is, but where to go on is said.
"""

from tidegate.control.store.logs.file import LogFile, Shipment, StreamRow, UnknownLogFileError
from tidegate.control.store.logs.opening import open_logs
from tidegate.control.store.logs.reading import LogPage, LogQuery
from tidegate.control.store.logs.store import (
    LogLimits,
    LogStore,
    LogStoreFailedError,
    PartlyKeptError,
    StreamExistsError,
    UnknownStreamError,
)

__all__ = [
    "LogFile",
    "LogLimits",
    "LogPage",
    "LogQuery",
    "LogStore",
    "LogStoreFailedError",
    "PartlyKeptError",
    "Shipment",
    "StreamExistsError",
    "StreamRow",
    "UnknownLogFileError",
    "UnknownStreamError",
    "open_logs",
]
