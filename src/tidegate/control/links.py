"""Links to what control holds: presigned URLs, as S3's are, good for ten minutes and for one path.

AWS hands out presigned URLs of its own buckets where an answer would be too large for an API. Here they
lead back to control. A file's URL would be simpler and work on this machine alone: clients of a control
on another host, and those in containers, could not follow it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidegate.fleet.hosting import SERVICE
from tidegate.wire.sigv4 import presigned_query

# Below it: NAME/ID/ca-certificates.pem and NAME/ID/revocations/N.pem.
TRUST_STORE_PREFIX = "/fleet/truststore/"
LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Made with the installation's own key."""

    region: str
    access_key: str
    secret_key: str = field(repr=False)

    def url(self, host: str, path: str, now: datetime) -> str:
        """The URL of a path below the host, name and port, that the client dialled."""
        query = presigned_query(
            host=host,
            path=path,
            service=SERVICE,
            region=self.region,
            access_key_id=self.access_key,
            secret_key=self.secret_key,
            lifetime=LIFETIME,
            now=now,
        )
        return f"http://{host}{path}?{query}"
