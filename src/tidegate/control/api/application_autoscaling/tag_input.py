"""Tags as requests give them."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.control.api.application_autoscaling import faults
from tidegate.domain.tags import Tags

TAGS_MAX = 50


def check_keys(keys: Mapping[str, object] | list[str]) -> None:
    """Raises ValidationException for keys that are AWS's own."""
    for key in keys:
        if key.lower().startswith("aws:"):
            raise faults.invalid(f"The tag key {key} begins with aws:, which is reserved.")


def with_tags(arn: str, present: Tags, given: Mapping[str, str]) -> Tags:
    """Raises ValidationException, TooManyTagsException."""
    check_keys(given)
    tags = {**present, **given}
    if len(tags) > TAGS_MAX:
        raise faults.too_many_tags(arn, TAGS_MAX)
    return tags
