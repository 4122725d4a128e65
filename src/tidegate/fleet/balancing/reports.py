"""What balancers report."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.cloudwatch import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerBinding:
    """Where a listener really answers, or why it does not."""

    listener_arn: str
    address: str
    port: int
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeReport:
    """`names`: where listeners answer by their load balancer's name, which is not its address alone."""

    generation: int
    listeners: tuple[ListenerBinding, ...] = ()
    names: tuple[ListenerBinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReport:
    """`state`, `reason` and `description` in AWS's words. `is_drained`: the deadline has passed and
    nothing is in flight any more. `is_anomalous`: it fails more requests than its peers; `is_mitigated`: it
    gets fewer for that."""

    id: str
    port: int
    state: str
    reason: str | None = None
    description: str | None = None
    is_drained: bool = False
    is_anomalous: bool = False
    is_mitigated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupReport:
    """All targets of one group, as of a generation."""

    target_group_arn: str
    generation: int
    targets: tuple[TargetReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficReport:
    """What was measured in a span that began at `began` (Unix seconds). `source`: who measured; `sequence`:
    one more with each of its reports, over its restarts too. Sent until it is received, so it may come more
    than once."""

    source: str
    sequence: int
    began: int
    seconds: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficReceipt:
    """Down: the report with this sequence is kept, and those before it."""

    source: str
    sequence: int
