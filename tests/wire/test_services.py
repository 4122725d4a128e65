"""The table by which requests are routed says what the models say."""

from __future__ import annotations

import pytest

from tidegate.wire.models import full_model
from tidegate.wire.services import BY_FORM, BY_TARGET_PREFIX, SERVICES, AwsService


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_each_row_agrees_with_its_model(service: AwsService) -> None:
    metadata = full_model(service.name).metadata
    protocols = set(metadata["protocols"])
    assert service.signing_name == metadata.get("signingName", metadata["endpointPrefix"])
    assert service.target_prefix == (metadata["targetPrefix"] if "json" in protocols else "")
    assert service.version == (metadata["apiVersion"] if protocols & {"query", "ec2"} else "")


def test_no_two_services_are_named_alike() -> None:
    assert len(BY_TARGET_PREFIX) == len([s for s in SERVICES if s.target_prefix])
    assert len(BY_FORM) == len([s for s in SERVICES if s.version])
