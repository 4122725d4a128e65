"""Finding what a request names, who uses it, and reading tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.control.api.acm import faults
from tidegate.control.api.context import ApiContext
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import CERTIFICATES, LISTENERS
from tidegate.domain.acm import Certificate
from tidegate.domain.arns import parse_arn

State = Snapshot | Transaction

TAGS_MAX = 50


def certificate(context: ApiContext, state: State, arn: str) -> Certificate:
    """Raises InvalidArnException, ResourceNotFoundException."""
    parsed = parse_arn(arn)
    if parsed is None or not parsed.resource.startswith("certificate/"):
        raise faults.invalid_arn(arn)
    row = state.get(CERTIFICATES, arn)
    if row is None:
        raise faults.not_found(arn, context.settings.account)
    return row


def users(state: State, arn: str) -> list[str]:
    """ARNs of the load balancers whose listeners use a certificate."""
    return sorted({listener.load_balancer_arn for listener in state.by(LISTENERS, "certificate", arn)})


def tag_map(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as a mapping, the last of equal keys; raises InvalidTagException, TooManyTagsException."""
    found = {tag["Key"]: tag.get("Value", "") for tag in tags or ()}
    for key in found:
        check_tag_key(key)
    return checked_count(found)


def check_tag_key(key: str) -> None:
    if key.lower().startswith("aws:"):
        text = f'Invalid Tag Key: "{key}". AWS internal tags cannot be changed with this API'
        raise faults.invalid_tag(text)


def checked_count(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > TAGS_MAX:
        listed = ", ".join(f"{key}={value}" for key, value in tags.items())
        raise faults.too_many_tags(f"the TagSet: '{{{listed}}}' contains too many Tags")
    return tags
