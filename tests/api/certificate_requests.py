"""Certificates and trust stores in the region of `requests.py`, and requests for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tidegate.testing.api import Api
from tidegate.testing.buckets import MemoryBuckets
from tidegate.testing.certificates import a_certificate, a_revocation_list

# The region has the machine's clock.
_NOW = datetime.now(UTC)
_VALID = {"begins": _NOW - timedelta(days=1), "ends": _NOW + timedelta(days=1)}
_ROOT = a_certificate(common_name="CA", is_ca=True, **_VALID)
_LEAF = a_certificate("example.com", issuer=_ROOT, **_VALID)
_TAGS = [{"Key": "a", "Value": "b"}]
_BUNDLE = {"CaCertificatesBundleS3Bucket": "bucket", "CaCertificatesBundleS3Key": "bundle.pem"}
_LIST = {"S3Bucket": "bucket", "S3Key": "list.pem", "RevocationType": "CRL"}

BUCKETS = MemoryBuckets(
    {("bucket", "bundle.pem"): _ROOT.pem, ("bucket", "list.pem"): a_revocation_list(_ROOT)}
)


def make_certificate(api: Api) -> str:
    """A requested certificate's ARN."""
    client = api.client("acm")
    made = client.request_certificate(DomainName="www.example.com", KeyAlgorithm="EC_prime256v1")
    return str(made["CertificateArn"])


def make_trust_store(api: Api) -> str:
    """The ARN of a trust store with one revocation list."""
    client = api.client("elbv2")
    arn = client.create_trust_store(Name="clients", **_BUNDLE)["TrustStores"][0]["TrustStoreArn"]
    client.add_trust_store_revocations(TrustStoreArn=arn, RevocationContents=[_LIST])
    return str(arn)


def certificates(arn: str) -> dict[str, dict[str, Any]]:
    one = {"CertificateArn": arn}
    return {
        "ImportCertificate": {
            "Certificate": _LEAF.pem,
            "PrivateKey": _LEAF.key_pem,
            "CertificateChain": _ROOT.pem,
            "Tags": _TAGS,
        },
        "RequestCertificate": {
            "DomainName": "example.com",
            "SubjectAlternativeNames": ["*.example.com"],
            "ValidationMethod": "DNS",
            "IdempotencyToken": "token",
            "DomainValidationOptions": [{"DomainName": "example.com", "ValidationDomain": "example.com"}],
            "Options": {"CertificateTransparencyLoggingPreference": "ENABLED", "Export": "DISABLED"},
            "KeyAlgorithm": "EC_prime256v1",
            "Tags": _TAGS,
        },
        "DescribeCertificate": one,
        "GetCertificate": one,
        "RenewCertificate": one,
        "UpdateCertificateOptions": {
            **one,
            "Options": {"CertificateTransparencyLoggingPreference": "DISABLED"},
        },
        "ResendValidationEmail": {**one, "Domain": "www.example.com", "ValidationDomain": "example.com"},
        "ListCertificates": {
            "CertificateStatuses": ["ISSUED"],
            "Includes": {"keyTypes": ["EC_prime256v1"], "keyUsage": ["DIGITAL_SIGNATURE"]},
            "MaxItems": 1,
            "SortBy": "CREATED_AT",
            "SortOrder": "DESCENDING",
        },
        "AddTagsToCertificate": {**one, "Tags": _TAGS},
        "RemoveTagsFromCertificate": {**one, "Tags": _TAGS},
        "ListTagsForCertificate": one,
        "DeleteCertificate": {"CertificateArn": f"{arn}0"},
    }


def trust_stores(arn: str, load_balancer: str) -> dict[str, dict[str, Any]]:
    one = {"TrustStoreArn": arn}
    return {
        "CreateTrustStore": {"Name": "others", **_BUNDLE, "Tags": _TAGS},
        "ModifyTrustStore": {**one, **_BUNDLE},
        "DescribeTrustStores": {"Names": ["clients"], "PageSize": 1},
        "AddTrustStoreRevocations": {**one, "RevocationContents": [_LIST]},
        "DescribeTrustStoreRevocations": {**one, "RevocationIds": [1], "PageSize": 1},
        "GetTrustStoreRevocationContent": {**one, "RevocationId": 1},
        "RemoveTrustStoreRevocations": {**one, "RevocationIds": [1]},
        "GetTrustStoreCaCertificatesBundle": one,
        "DescribeTrustStoreAssociations": {**one, "PageSize": 1},
        "DeleteSharedTrustStoreAssociation": {**one, "ResourceArn": load_balancer},
        "GetResourcePolicy": {"ResourceArn": arn},
        "DeleteTrustStore": {"TrustStoreArn": f"{arn}0"},
        "ModifyCapacityReservation": {"LoadBalancerArn": load_balancer, "ResetCapacityReservation": True},
    }
