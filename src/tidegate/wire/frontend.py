"""What a front end is to the wire: a service and the operations that it serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authenticated, parsed and validated request.

    `parameters` has the members that were sent, under the model's names. `host` is what the client
    dialled, for the endpoints that some answers carry. `access_key_id` is the long-lived key, also where a
    temporary one signed that stands for it (`is_session`).
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str
    account: str
    access_key_id: str
    host: str = ""
    is_session: bool = False


class LargeAnswer(dict[str, Any]):
    """An answer of so many parts that writing it down would hold the event loop."""

    # Some thousand log events are written in less than a millisecond.
    PARTS_MIN = 1_000


def answer_of(parts: int, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, as a large one where it has so many parts."""
    return LargeAnswer(members) if parts >= LargeAnswer.PARTS_MIN else members


# The context is the application's own: the wire hands it on and knows nothing of it.
Handler = Callable[[Any, Call], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A handler, and what is missing of the operation (empty: nothing)."""

    handler: Handler
    partial: str = ""


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """`service` is botocore's name. What the service's model has and `operations` has not is refused by
    name; `refusals` may say why."""

    service: str
    operations: Mapping[str, Operation]
    refusals: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, operation: str) -> str:
        """Why an operation is refused."""
        return self.refusals.get(operation, "Tidegate does not serve this operation.")


# The front end of a service by botocore's name, None where it is not served. It may have to be loaded.
Finder = Callable[[str], Awaitable[FrontEnd | None]]


def among(front_ends: Iterable[FrontEnd]) -> Finder:
    """Find what is there already."""
    by_service = {front_end.service: front_end for front_end in front_ends}

    async def find(service: str) -> FrontEnd | None:
        return by_service.get(service)

    return find
