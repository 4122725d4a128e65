"""AWS clients of an installation. boto3 is the slowest import of all, so it has a module of its own."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.session import get_session

from tidegate.cli.settings import Settings
from tidegate.wire.models import OWN_MODELS


def aws_client(service: str, of: Settings) -> Any:
    """A boto3 client of the installation."""
    session = get_session()
    # Tidegate's own service is not in botocore; its model comes with us.
    session.get_component("data_loader").search_paths.append(str(OWN_MODELS))
    return boto3.Session(botocore_session=session).client(
        service,
        endpoint_url=of.url,
        region_name=of.region,
        aws_access_key_id=of.access_key,
        aws_secret_access_key=of.secret_key,
        config=Config(retries={"total_max_attempts": 5, "mode": "standard"}),
    )
