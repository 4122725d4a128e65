"""Metrics' samples over time: small on disk, durable before they are acknowledged or seen.

Theory of operation. A *series* is a metric in one unit. What is recorded queues for the writer's thread,
which appends everything that has queued to a log in one commit, and only then is it put to the series'
*head* in memory, where readers see it. So what was acknowledged survives a crash, and many callers share
one fsync. A few minutes later the head is merged into the series' *chunks*, a compressed row for some hours
of points, and the log is cut. Each series remembers up to where in the log its chunks are, so that a
restart reads the rest of the log and counts nothing twice.

A point is a `Summary` of a span: *fine* points of 1 to 59 s, which are also added to the minute they fall
in, and minutes. Late points are merged like any other: summaries add up in any order. With age minutes
become points of five minutes, and those hours, as CloudWatch does it (`tiers.py`); what is too much for the
disk's bound grows old sooner.

A reader takes the head's points on the event loop and reads the chunks on another thread. If they were
merged meanwhile, which the series' position in the log tells, it takes both again.
"""

from tidegate.control.store.series.file import SeriesFile, UnknownSeriesFileError
from tidegate.control.store.series.head import KnownSeries
from tidegate.control.store.series.opening import open_series
from tidegate.control.store.series.store import SeriesFailedError, SeriesFullError, SeriesStore
from tidegate.control.store.series.tiers import SeriesLimits

__all__ = [
    "KnownSeries",
    "SeriesFailedError",
    "SeriesFile",
    "SeriesFullError",
    "SeriesLimits",
    "SeriesStore",
    "UnknownSeriesFileError",
    "open_series",
]
