"""What EC2's requests have in common: dry runs, tag specifications, boolean attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import Handler, honours
from tidegate.domain.tags import Tags
from tidegate.wire import Call, Fault

TAGS_MAX = 50

# Accepted everywhere: says whether resources that another AWS service manages are listed. There are none.
_EVERYWHERE = ("DryRun", "IncludeManagedResources")


def serves(*members: str, only: Mapping[str, Sequence[object]] | None = None) -> Callable[[Handler], Handler]:
    """`honours`, and the dry run that every EC2 operation has."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def or_dry_run(context: ApiContext, call: Call) -> Mapping[str, Any]:
            if call.parameters.get("DryRun"):
                text = "Request would have succeeded, but DryRun flag is set."
                raise Fault("DryRunOperation", text, 412)
            return await handler(context, call)

        return honours(*members, *_EVERYWHERE, only=only)(or_dry_run)

    return decorate


def tags_for(parameters: Mapping[str, Any], resource_type: str) -> Tags:
    """The tags that a create call gives its resource."""
    tags: dict[str, str] = {}
    for specification in parameters.get("TagSpecifications") or ():
        asked = specification.get("ResourceType")
        if asked != resource_type:
            text = f"'{asked}' is not a valid taggable resource type for this operation."
            raise Fault("InvalidParameterValue", text)
        for tag in specification.get("Tags") or ():
            if tag.get("Key") in tags:
                raise Fault("InvalidParameterValue", f"Duplicate tag key '{tag['Key']}' specified.")
            tags[tag.get("Key", "")] = tag.get("Value", "")
    check_tags(tags)
    return tags


def check_tags(tags: Tags) -> None:
    """EC2's rules for tags."""
    if len(tags) > TAGS_MAX:
        raise Fault("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
    for key, value in tags.items():
        if not key or len(key) > 127:
            raise Fault("InvalidParameterValue", "Tag key must be between 1 and 127 characters long.")
        if len(value) > 255:
            text = "Tag value exceeds the maximum length of 255 characters"
            raise Fault("InvalidParameterValue", text)
        if key.lower().startswith("aws:"):
            text = "Tag keys starting with 'aws:' are reserved for internal use"
            raise Fault("InvalidParameterValue", text)


def boolean(parameters: Mapping[str, Any], name: str) -> bool | None:
    """A boolean in EC2's `Name.Value` form, None when it is not there."""
    found = parameters.get(name)
    return None if found is None else bool(found.get("Value"))
