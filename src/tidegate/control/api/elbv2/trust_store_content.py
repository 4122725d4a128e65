"""What trust stores hold: read from the installation's buckets, and handed out by presigned links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import finding
from tidegate.control.buckets import NoSuchObjectError, ObjectTooLargeError
from tidegate.control.links import TRUST_STORE_PREFIX
from tidegate.control.pki import (
    BUNDLE_BYTES_MAX,
    REVOCATION_LIST_BYTES_MAX,
    RevocationList,
    UnusableTrustError,
    checked_bundle,
    checked_revocation_list,
)
from tidegate.control.store.tables import TRUST_STORES
from tidegate.domain.elbv2 import TrustStore
from tidegate.wire import Call, Fault

# S3's name for the version of an object in a bucket that keeps none.
UNVERSIONED = ("null",)


def trust_store(state: finding.State, arn: str) -> TrustStore:
    """Raises ValidationError, TrustStoreNotFound."""
    row = state.get(TRUST_STORES, finding.checked_arn(arn, "truststore", "trust store"))
    if row is None:
        raise Fault("TrustStoreNotFound", f"Trust store '{arn}' not found")
    return row


async def read_bundle(context: ApiContext, parameters: Mapping[str, Any]) -> str:
    """The bundle that a request names; raises CaCertificatesBundleNotFound, InvalidCaCertificatesBundle."""
    bucket, key = parameters["CaCertificatesBundleS3Bucket"], parameters["CaCertificatesBundleS3Key"]
    invalid = "The specified ca certificate bundle is in an invalid format, or corrupt"
    try:
        content = await context.buckets.read(bucket, key, BUNDLE_BYTES_MAX)
        return await checked_bundle(content)
    except NoSuchObjectError as error:
        text = f"The specified ca certificate bundle does not exist: there is no object '{bucket}/{key}'"
        raise Fault("CaCertificatesBundleNotFound", text) from error
    except ObjectTooLargeError as error:
        raise Fault("InvalidCaCertificatesBundle", f"{invalid}: it is too large") from error
    except UnusableTrustError as error:
        raise Fault("InvalidCaCertificatesBundle", f"{invalid}: {error}") from error


async def read_revocation_list(context: ApiContext, bucket: str, key: str) -> RevocationList:
    """The list that a request names; raises RevocationContentNotFound, InvalidRevocationContent."""
    invalid = "The provided revocation file is an invalid format, or uses an incorrect algorithm"
    try:
        content = await context.buckets.read(bucket, key, REVOCATION_LIST_BYTES_MAX)
        return await checked_revocation_list(content)
    except NoSuchObjectError as error:
        text = f"The specified revocation file does not exist: there is no object '{bucket}/{key}'"
        raise Fault("RevocationContentNotFound", text) from error
    except ObjectTooLargeError as error:
        raise Fault("InvalidRevocationContent", f"{invalid}: it is too large") from error
    except UnusableTrustError as error:
        raise Fault("InvalidRevocationContent", f"{invalid}: {error}") from error


def bundle_path(arn: str) -> str:
    """Where a store's bundle is served from."""
    return f"{_base(arn)}/ca-certificates.pem"


def revocation_path(arn: str, revocation_id: int) -> str:
    """Where one of its revocation lists is."""
    return f"{_base(arn)}/revocations/{revocation_id}.pem"


def content_link(context: ApiContext, call: Call, path: str) -> str:
    """A URL from which whoever has it reads the content for ten minutes."""
    assert context.links is not None, "control is started with the key that signs links"
    return context.links.url(call.host or context.settings.endpoint, path, context.clock.now())


def _base(arn: str) -> str:
    _, _, resource = arn.rpartition(":truststore/")
    return f"{TRUST_STORE_PREFIX}{resource}"
