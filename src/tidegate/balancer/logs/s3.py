"""An S3-compatible endpoint, through botocore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tidegate.balancer.decisions.access_log.objects import Destination
from tidegate.balancer.logs.upload import UploadError


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Credentials:
    """The keys of the endpoint, which are not this installation's."""

    access_key: str
    secret_key: str
    region: str


def credentials(environment: Mapping[str, str]) -> S3Credentials:
    """Of the environment, never of a command line, which others can read."""
    return S3Credentials(
        access_key=environment.get("TIDEGATE_S3_ACCESS_KEY_ID", ""),
        secret_key=environment.get("TIDEGATE_S3_SECRET_ACCESS_KEY", ""),
        region=environment.get("TIDEGATE_S3_REGION", environment.get("AWS_REGION", "us-east-1")),
    )


class S3:
    """Buckets are part of the path: names of hosts made of them would have to be known."""

    def __init__(self, endpoint: str, credentials: S3Credentials) -> None:
        config = Config(
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=30,
            # Tried again by whoever asks.
            retries={"total_max_attempts": 1},
            # Checksums that S3 has since, and others have not.
            request_checksum_calculation="when_required",
        )
        self._client = botocore.session.Session().create_client(
            "s3",
            endpoint_url=endpoint,
            region_name=credentials.region,
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            config=config,
        )

    def upload(self, place: Destination, content: bytes) -> None:
        """Put an object. Raises UploadError."""
        try:
            self._client.put_object(
                Bucket=place.bucket, Key=place.key, Body=content, ContentType="application/x-gzip"
            )
        except (BotoCoreError, ClientError) as error:
            raise UploadError(f"{place.bucket}/{place.key}: {error}") from error
