"""Using, deleting, renewing and listing certificates; their tags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tidegate.domain.acm import Certificate
from tidegate.testing.api import Api
from tidegate.testing.certificates import a_certificate, an_authority
from tidegate.testing.clock import EPOCH, FakeClock

Make = Callable[..., str]
Describe = Callable[[str], dict[str, Any]]
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/1"
MISSING = "arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012"


def test_a_certificate_in_use_names_its_users_and_cannot_be_deleted(
    client: Any, request_one: Make, describe: Describe, use: Callable[..., None], refused: Any
) -> None:
    arn, other = request_one(), request_one()
    use(arn, other)
    found = describe(arn)
    assert found["InUseBy"] == [BALANCER]
    assert found["RenewalEligibility"] == "ELIGIBLE"
    with refused("ResourceInUseException", f"Certificate {arn} in account 000000000000 is in use."):
        client.delete_certificate(CertificateArn=arn)
    use(other)
    client.delete_certificate(CertificateArn=arn)
    with refused("ResourceNotFoundException"):
        describe(arn)


def test_what_is_not_there_is_not_found(client: Any, refused: Any) -> None:
    calls = (
        client.describe_certificate,
        client.get_certificate,
        client.delete_certificate,
        client.list_tags_for_certificate,
        client.renew_certificate,
    )
    for call in calls:
        with refused("ResourceNotFoundException", f"Could not find certificate {MISSING} in account"):
            call(CertificateArn=MISSING)
        with refused("InvalidArnException"):
            call(CertificateArn="arn:aws:acm:us-east-1:000000000000:acme-endpoint/1")
        with refused("ValidationException", "at 'certificateArn' failed to satisfy constraint"):
            call(CertificateArn="arn:aws:iam::000000000000:server-certificate/web")


def test_a_certificate_expires_by_the_clock(
    client: Any, import_one: Make, describe: Describe, clock: FakeClock
) -> None:
    arn = import_one(a_certificate("example.com", ends=EPOCH + timedelta(days=1)))
    assert describe(arn)["Status"] == "ISSUED"
    clock.advance(24 * 3600 + 1)
    assert describe(arn)["Status"] == "EXPIRED"
    for statuses, expected in ((["EXPIRED"], [arn]), (["ISSUED"], [])):
        found = client.list_certificates(
            CertificateStatuses=statuses, Includes={"keyTypes": ["EC_prime256v1"]}
        )
        assert [one["CertificateArn"] for one in found["CertificateSummaryList"]] == expected


def test_renewing_gives_the_same_names_another_key_under_the_same_arn(
    client: Any,
    request_one: Make,
    describe: Describe,
    row_of: Callable[[str], Certificate],
    clock: FakeClock,
) -> None:
    arn = request_one(SubjectAlternativeNames=["www.example.com"])
    before, key = describe(arn), row_of(arn).private_key_pem
    clock.advance(100 * 24 * 3600)
    client.renew_certificate(CertificateArn=arn)
    after = describe(arn)
    assert after["NotAfter"] - before["NotAfter"] == timedelta(days=100)
    assert after["Serial"] != before["Serial"]
    assert after["SubjectAlternativeNames"] == before["SubjectAlternativeNames"]
    assert after["CreatedAt"] == before["CreatedAt"]
    assert row_of(arn).private_key_pem != key
    summary = after["RenewalSummary"]
    assert summary["RenewalStatus"] == "SUCCESS"
    assert summary["UpdatedAt"] == clock.now()
    assert summary["DomainValidationOptions"] == after["DomainValidationOptions"]


def test_an_imported_certificate_is_not_renewed(client: Any, import_one: Make, refused: Any) -> None:
    arn = import_one()
    with refused("ValidationException", "was imported"):
        client.renew_certificate(CertificateArn=arn)
    with refused("ValidationException", "was imported"):
        client.update_certificate_options(CertificateArn=arn, Options={"Export": "DISABLED"})


def test_the_transparency_preference_is_kept(
    client: Any, request_one: Make, describe: Describe, refused: Any
) -> None:
    arn = request_one(Options={"CertificateTransparencyLoggingPreference": "DISABLED"})
    assert describe(arn)["Options"]["CertificateTransparencyLoggingPreference"] == "DISABLED"
    # Terraform sends both members, whichever changed.
    options = {"CertificateTransparencyLoggingPreference": "ENABLED", "Export": "DISABLED"}
    client.update_certificate_options(CertificateArn=arn, Options=options)
    assert describe(arn)["Options"] == options
    with refused("ValidationException", "Export cannot be changed"):
        client.update_certificate_options(CertificateArn=arn, Options={"Export": "ENABLED"})
    with refused("ValidationException", "Options.ValidationMethod"):
        client.update_certificate_options(CertificateArn=arn, Options={"ValidationMethod": "DNS"})


def test_no_mail_is_sent_again_for_what_is_validated(client: Any, request_one: Make, refused: Any) -> None:
    arn = request_one("www.example.com", ValidationMethod="EMAIL")
    with refused("InvalidStateException", "is not pending validation"):
        client.resend_validation_email(
            CertificateArn=arn, Domain="www.example.com", ValidationDomain="example.com"
        )
    for domain, at in (("other.example.com", "example.com"), ("www.example.com", "example.org")):
        with refused("InvalidDomainValidationOptionsException"):
            client.resend_validation_email(CertificateArn=arn, Domain=domain, ValidationDomain=at)


def _listed(client: Any, **given: Any) -> list[str]:
    pages = client.get_paginator("list_certificates").paginate(**given)
    return [one["CertificateArn"] for page in pages for one in page["CertificateSummaryList"]]


def test_a_list_without_key_types_has_short_rsa_keys_alone(client: Any, request_one: Make) -> None:
    elliptic, rsa = request_one(), request_one(KeyAlgorithm="RSA_2048")
    assert _listed(client) == [rsa]
    assert _listed(client, Includes={"keyTypes": ["EC_prime256v1"]}) == [elliptic]
    both = _listed(client, Includes={"keyTypes": ["EC_prime256v1", "RSA_2048"]})
    assert sorted(both) == sorted([elliptic, rsa])


def test_a_summary_says_what_a_list_shows(client: Any, request_one: Make, use: Callable[..., None]) -> None:
    arn = request_one(SubjectAlternativeNames=["www.example.com"])
    use(arn)
    found = client.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"]
    assert found == [
        {
            "CertificateArn": arn,
            "DomainName": "example.com",
            "SubjectAlternativeNameSummaries": ["example.com", "www.example.com"],
            "HasAdditionalSubjectAlternativeNames": False,
            "Status": "ISSUED",
            "Type": "AMAZON_ISSUED",
            "KeyAlgorithm": "EC_prime256v1",
            "KeyUsages": ["DIGITAL_SIGNATURE"],
            "ExtendedKeyUsages": ["TLS_WEB_SERVER_AUTHENTICATION"],
            "ExportOption": "DISABLED",
            "InUse": True,
            "Exported": False,
            "RenewalEligibility": "ELIGIBLE",
            "NotBefore": EPOCH,
            "NotAfter": EPOCH + timedelta(days=198),
            "CreatedAt": EPOCH,
            "IssuedAt": EPOCH,
            "CertificateKeyPairOrigin": "AWS_MANAGED",
        }
    ]


def test_filters_narrow_a_list(client: Any, request_one: Make, import_one: Make) -> None:
    requested, imported = request_one(), import_one()
    keys = {"keyTypes": ["EC_prime256v1"]}

    def listed(includes: dict[str, Any] | None = None, **more: Any) -> list[str]:
        return _listed(client, Includes={**keys, **(includes or {})}, **more)

    assert sorted(listed()) == sorted([requested, imported])
    assert listed({"extendedKeyUsage": ["TLS_WEB_SERVER_AUTHENTICATION"]}) == [requested]
    assert listed({"extendedKeyUsage": ["CODE_SIGNING"]}) == []
    assert listed({"keyUsage": ["DIGITAL_SIGNATURE"]}) == [requested]
    assert listed({"keyUsage": ["DIGITAL_SIGNATURE", "KEY_AGREEMENT"]}) == []
    assert listed({"exportOption": "DISABLED"}) == [requested]
    assert listed({"exportOption": "ENABLED"}) == []
    assert listed({"managedBy": "CLOUDFRONT"}) == []
    assert listed(CertificateKeyPairOrigins=["CUSTOMER_PROVIDED"]) == [imported]
    assert listed(CertificateKeyPairOrigins=["AWS_MANAGED", "ACME"]) == [requested]
    assert listed(RootHierarchyTypes=["N2_AMAZON_MANAGED"]) == []
    assert listed(CertificateStatuses=["PENDING_VALIDATION"]) == []


def test_a_certificate_without_a_name_is_listed_by_its_key_type(client: Any, import_one: Make) -> None:
    arn = import_one(a_certificate(common_name="", issuer=an_authority()))
    assert _listed(client) == []
    assert _listed(client, Includes={"keyTypes": ["EC_prime256v1"]}) == [arn]


def test_pages_follow_each_other_in_the_order_of_creation(
    client: Any, request_one: Make, clock: FakeClock
) -> None:
    made = []
    for number in range(5):
        made.append(request_one(f"{number}.example.com"))
        clock.advance(0.5)
    given: dict[str, Any] = {"Includes": {"keyTypes": ["EC_prime256v1"]}, "PaginationConfig": {"PageSize": 2}}
    assert _listed(client, **given) == made
    assert _listed(client, **given, SortBy="CREATED_AT", SortOrder="DESCENDING") == made[::-1]


def test_a_list_refuses_half_an_order_and_a_strange_token(client: Any, refused: Any) -> None:
    with refused("InvalidArgsException", "SortBy and SortOrder"):
        client.list_certificates(SortBy="CREATED_AT")
    with refused("InvalidArgsException", "NextToken"):
        client.list_certificates(NextToken="nonsense")


def _tags(client: Any, arn: str) -> dict[str, str]:
    return {t["Key"]: t["Value"] for t in client.list_tags_for_certificate(CertificateArn=arn)["Tags"]}


def test_tags_are_added_replaced_and_removed(client: Any, request_one: Make) -> None:
    arn = request_one(Tags=[{"Key": "a", "Value": "1"}])
    client.add_tags_to_certificate(
        CertificateArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b"}, {"Key": "c", "Value": "3"}]
    )
    assert _tags(client, arn) == {"a": "2", "b": "", "c": "3"}
    # A tag with a value goes only if that is its value.
    client.remove_tags_from_certificate(
        CertificateArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}, {"Key": "c", "Value": "3"}]
    )
    assert _tags(client, arn) == {"a": "2"}


def test_tags_have_their_rules(client: Any, request_one: Make, refused: Any) -> None:
    arn = request_one(Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    with refused("TooManyTagsException", "contains too many Tags"):
        client.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "one-more"}])
    with refused("InvalidTagException", "AWS internal tags"):
        client.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "aws:a"}])
    with refused("InvalidTagException", "AWS internal tags"):
        client.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "aws:a"}])
    assert len(_tags(client, arn)) == 50


@pytest.mark.parametrize(
    ("operation", "given", "why"),
    [
        ("export_certificate", {"CertificateArn": MISSING, "Passphrase": b"1234"}, "Private keys"),
        ("get_account_configuration", {}, "expiry events"),
        ("search_certificates", {}, "ListCertificates"),
        ("list_acme_endpoints", {}, "does not serve"),
    ],
)
def test_other_operations_are_refused_by_name(
    api: Api, refused: Any, operation: str, given: dict[str, Any], why: str
) -> None:
    with refused("UnknownOperationException", why):
        getattr(api.client("acm"), operation)(**given)
