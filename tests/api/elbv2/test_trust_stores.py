"""Trust stores and their revocation lists; tests/pki has the rules of what they take."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tidegate.control.api import ec2, elbv2
from tidegate.control.api.elbv2 import trust_store_revocations
from tidegate.control.buckets import FolderBuckets
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, TRUST_STORES
from tidegate.control.trust_store_page import TrustStorePage
from tidegate.domain.elbv2 import MutualAuthentication
from tidegate.testing.api import ACCESS_KEY, SECRET_KEY, Api, api_context
from tidegate.testing.certificates import a_certificate, a_revocation_list, an_authority
from tidegate.testing.clock import FakeClock

BUCKET = "my-bucket"
MISSING = "arn:aws:elasticloadbalancing:us-east-1:000000000000:truststore/none/0123456789abcdef"
ROOT = an_authority("Root")


@pytest.fixture
def api(clock: FakeClock, tmp_path: Path) -> Api:
    context = api_context(clock, buckets=FolderBuckets(tmp_path))
    asyncio.run(ec2.ensure_defaults(context))
    return Api(context, [elbv2.FRONT_END, ec2.FRONT_END])


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], dict[str, str]]:
    """Puts an object; the members that name it as a bundle."""

    def write(key: str, content: bytes) -> dict[str, str]:
        path = tmp_path / BUCKET / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return {"CaCertificatesBundleS3Bucket": BUCKET, "CaCertificatesBundleS3Key": key}

    return write


@pytest.fixture
def make_store(client: Any, put: Callable[..., dict[str, str]]) -> Callable[..., str]:
    def make(name: str = "clients", content: bytes = ROOT.pem, **more: Any) -> str:
        created = client.create_trust_store(Name=name, **put("bundle.pem", content), **more)
        return str(created["TrustStores"][0]["TrustStoreArn"])

    return make


@pytest.fixture
def store(make_store: Callable[..., str]) -> str:
    return make_store()


@pytest.fixture
def add_list(client: Any, put: Callable[..., dict[str, str]]) -> Callable[..., int]:
    """Adds a revocation list, by default one of three entries; its id."""

    def add(store: str, serials: tuple[int, ...] = (1, 2, 3), **more: Any) -> int:
        put("list.pem", a_revocation_list(ROOT, serials))
        contents = [{"S3Bucket": BUCKET, "S3Key": "list.pem", **more}]
        added = client.add_trust_store_revocations(TrustStoreArn=store, RevocationContents=contents)
        return int(added["TrustStoreRevocations"][0]["RevocationId"])

    return add


@pytest.fixture
def use(api: Api, listener: str) -> Callable[[str | None], None]:
    """Has the listener verify clients with a store, or no more."""

    def change(store: str | None) -> None:
        def name_it(tx: Transaction) -> None:
            row = tx.get(LISTENERS, listener)
            assert row is not None
            mutual = MutualAuthentication(mode="verify", trust_store_arn=store) if store else None
            tx.put(LISTENERS, replace(row, mutual_authentication=mutual))

        asyncio.run(api.context.store.transact(name_it))

    return change


def _described(client: Any, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.describe_trust_stores(**given)["TrustStores"]
    return found


@pytest.mark.proves("operation:CreateTrustStore")
def test_a_store_is_active_when_it_is_created(client: Any, put: Callable[..., dict[str, str]]) -> None:
    bundle = b"# two\n" + ROOT.pem + an_authority("Other").pem
    (created,) = client.create_trust_store(Name="clients", **put("some/bundle.pem", bundle))["TrustStores"]
    arn = created.pop("TrustStoreArn")
    assert arn.startswith("arn:aws:elasticloadbalancing:us-east-1:000000000000:truststore/clients/")
    assert created == {
        "Name": "clients",
        "Status": "ACTIVE",
        "NumberOfCaCertificates": 2,
        "TotalRevokedEntries": 0,
    }
    assert _described(client, TrustStoreArns=[arn]) == [{**created, "TrustStoreArn": arn}]


def test_a_bundle_must_be_there(client: Any, refused: Any, put: Callable[..., dict[str, str]]) -> None:
    place = put("bundle.pem", ROOT.pem)
    for changed in (
        {"CaCertificatesBundleS3Key": "other.pem"},
        {"CaCertificatesBundleS3Bucket": "other-bucket"},
        {"CaCertificatesBundleS3Key": "../my-bucket/bundle.pem"},
    ):
        with refused("CaCertificatesBundleNotFound", "does not exist"):
            client.create_trust_store(Name="clients", **{**place, **changed})
    assert _described(client) == []


def test_a_bundle_must_be_one(client: Any, refused: Any, make_store: Callable[..., str]) -> None:
    with refused("InvalidCaCertificatesBundle", "invalid format, or corrupt: it has no certificate"):
        make_store(content=b"# nothing\n")
    with refused("InvalidCaCertificatesBundle", "it is too large"):
        make_store(content=b"#" * 1_000_000)
    assert _described(client) == []


def test_a_folder_has_one_version_of_each_object(refused: Any, make_store: Callable[..., str]) -> None:
    assert make_store(CaCertificatesBundleS3ObjectVersion="null")
    with refused("InvalidConfigurationRequest", "CaCertificatesBundleS3ObjectVersion"):
        make_store("other", CaCertificatesBundleS3ObjectVersion="3HL4kqtJlcpXroDTDmJ")


def test_names_are_unique_and_have_their_form(
    client: Any, refused: Any, make_store: Callable[..., str], put: Callable[..., dict[str, str]]
) -> None:
    make_store("clients")
    place = put("bundle.pem", ROOT.pem)
    with refused("DuplicateTrustStoreName", "'clients' already exists"):
        client.create_trust_store(Name="clients", **place)
    with refused("ValidationError", "at 'name' failed to satisfy constraint"):
        client.create_trust_store(Name="-clients", **place)


def test_an_account_has_twenty_stores(refused: Any, make_store: Callable[..., str]) -> None:
    for number in range(20):
        make_store(f"store-{number}")
    with refused("TooManyTrustStores"):
        make_store("one-more")


@pytest.mark.proves("operation:ModifyTrustStore")
def test_modifying_replaces_the_bundle_and_keeps_the_lists(
    client: Any, store: str, add_list: Callable[..., int], put: Any, refused: Any
) -> None:
    add_list(store)
    place = put("new.pem", ROOT.pem + an_authority("Other").pem)
    (changed,) = client.modify_trust_store(TrustStoreArn=store, **place)["TrustStores"]
    assert (changed["NumberOfCaCertificates"], changed["TotalRevokedEntries"]) == (2, 3)
    with refused("InvalidCaCertificatesBundle"):
        client.modify_trust_store(TrustStoreArn=store, **put("bad.pem", b"nonsense"))
    assert _described(client) == [changed]


@pytest.mark.proves("operation:DescribeTrustStores")
def test_stores_are_described_by_arn_by_name_and_in_pages(
    client: Any, refused: Any, make_store: Callable[..., str]
) -> None:
    arns = [make_store(f"store-{number}") for number in range(3)]
    assert [one["Name"] for one in _described(client, Names=["store-2", "store-0"])] == ["store-0", "store-2"]
    assert [one["Name"] for one in _described(client, TrustStoreArns=arns[1:2])] == ["store-1"]
    pages = client.get_paginator("describe_trust_stores").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["TrustStores"]) for page in pages] == [2, 1]
    with refused("ValidationError", "at the same time"):
        client.describe_trust_stores(Names=["store-0"], TrustStoreArns=arns)
    with refused("TrustStoreNotFound", "'other' not found"):
        client.describe_trust_stores(Names=["other"])


@pytest.mark.proves("operation:DeleteTrustStore", "operation:DescribeTrustStoreAssociations")
def test_a_store_in_use_names_its_load_balancers_and_cannot_be_deleted(
    client: Any, refused: Any, store: str, balancer: str, use: Callable[..., None]
) -> None:
    use(store)
    found = client.describe_trust_store_associations(TrustStoreArn=store)["TrustStoreAssociations"]
    assert found == [{"ResourceArn": balancer}]
    # Terraform looks for these words.
    with refused("TrustStoreInUse", "is currently in use by a listener"):
        client.delete_trust_store(TrustStoreArn=store)
    use(None)
    assert client.describe_trust_store_associations(TrustStoreArn=store)["TrustStoreAssociations"] == []
    client.delete_trust_store(TrustStoreArn=store)
    with refused("TrustStoreNotFound"):
        client.describe_trust_stores(TrustStoreArns=[store])


@pytest.mark.proves("operation:DeleteSharedTrustStoreAssociation")
def test_an_association_of_ones_own_is_not_deleted_as_a_shared_one(
    client: Any, refused: Any, store: str, balancer: str, use: Callable[..., None]
) -> None:
    with refused("AssociationNotFound"):
        client.delete_shared_trust_store_association(TrustStoreArn=store, ResourceArn=balancer)
    use(store)
    with refused("DeleteAssociationSameAccount", "can't be within the same account"):
        client.delete_shared_trust_store_association(TrustStoreArn=store, ResourceArn=balancer)


@pytest.mark.proves("operation:GetResourcePolicy")
def test_nothing_has_a_resource_policy(client: Any, refused: Any, store: str) -> None:
    with refused("ResourceNotFound", "has no resource policy"):
        client.get_resource_policy(ResourceArn=store)


def test_what_is_not_there_is_not_found(client: Any, refused: Any, balancer: str, put: Any) -> None:
    place = put("bundle.pem", ROOT.pem)
    for call, more in (
        (client.delete_trust_store, {}),
        (client.modify_trust_store, place),
        (client.describe_trust_store_associations, {}),
        (client.describe_trust_store_revocations, {}),
        (client.remove_trust_store_revocations, {"RevocationIds": [1]}),
        (client.get_trust_store_ca_certificates_bundle, {}),
        (client.get_trust_store_revocation_content, {"RevocationId": 1}),
    ):
        with refused("TrustStoreNotFound", "not found"):
            call(TrustStoreArn=MISSING, **more)
        with refused("ValidationError", "is not a valid trust store ARN"):
            call(TrustStoreArn=balancer, **more)


def test_tags_come_with_the_creation_and_are_changed(client: Any, make_store: Callable[..., str]) -> None:
    arn = make_store(Tags=[{"Key": "a", "Value": "1"}])
    client.add_tags(ResourceArns=[arn], Tags=[{"Key": "b", "Value": "2"}])
    client.remove_tags(ResourceArns=[arn], TagKeys=["a"])
    (described,) = client.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    assert described["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.proves("operation:AddTrustStoreRevocations", "operation:RemoveTrustStoreRevocations")
def test_lists_are_added_counted_and_removed(
    client: Any, refused: Any, store: str, add_list: Callable[..., int]
) -> None:
    first, second = add_list(store, (1, 2, 3)), add_list(store, (4,))
    assert (first, second) == (1, 2)
    found = client.describe_trust_store_revocations(TrustStoreArn=store)["TrustStoreRevocations"]
    assert found == [
        {"TrustStoreArn": store, "RevocationId": 1, "RevocationType": "CRL", "NumberOfRevokedEntries": 3},
        {"TrustStoreArn": store, "RevocationId": 2, "RevocationType": "CRL", "NumberOfRevokedEntries": 1},
    ]
    assert _described(client)[0]["TotalRevokedEntries"] == 4
    client.remove_trust_store_revocations(TrustStoreArn=store, RevocationIds=[2])
    assert _described(client)[0]["TotalRevokedEntries"] == 3
    with refused("RevocationIdNotFound"):
        client.describe_trust_store_revocations(TrustStoreArn=store, RevocationIds=[1, 2])
    with refused("RevocationIdNotFound"):
        client.remove_trust_store_revocations(TrustStoreArn=store, RevocationIds=[1, 2])
    assert _described(client)[0]["TotalRevokedEntries"] == 3
    # An id that was removed does not come back for another list.
    assert add_list(store) == 3


@pytest.mark.proves("operation:DescribeTrustStoreRevocations")
def test_lists_come_in_pages_in_the_order_of_their_ids(
    client: Any, store: str, add_list: Callable[..., int]
) -> None:
    for _ in range(11):
        add_list(store)
    pages = client.get_paginator("describe_trust_store_revocations").paginate(
        TrustStoreArn=store, PaginationConfig={"PageSize": 4}
    )
    ids = [one["RevocationId"] for page in pages for one in page["TrustStoreRevocations"]]
    assert ids == list(range(1, 12))


def test_a_request_adds_every_list_or_none(
    client: Any, refused: Any, store: str, put: Callable[..., dict[str, str]]
) -> None:
    put("good.pem", a_revocation_list(ROOT))
    put("bad.pem", ROOT.pem)
    good = {"S3Bucket": BUCKET, "S3Key": "good.pem", "RevocationType": "CRL"}

    def add(*contents: dict[str, str]) -> Any:
        return client.add_trust_store_revocations(TrustStoreArn=store, RevocationContents=list(contents))

    for other, code, text in (
        ({**good, "S3Key": "none.pem"}, "RevocationContentNotFound", "does not exist"),
        ({**good, "S3Key": "bad.pem"}, "InvalidRevocationContent", "not one revocation list"),
        ({**good, "S3ObjectVersion": "1"}, "InvalidConfigurationRequest", "The object version 1"),
        ({"S3Bucket": BUCKET}, "ValidationError", "revocationContents.2.member.s3Key"),
        ({"S3Key": "good.pem"}, "ValidationError", "revocationContents.2.member.s3Bucket"),
    ):
        with refused(code, text):
            add(good, other)
    with refused("ValidationError", "Revocation contents must be specified"):
        client.add_trust_store_revocations(TrustStoreArn=store)
    assert _described(client)[0]["TotalRevokedEntries"] == 0
    assert len(add(good, {**good, "S3ObjectVersion": "null"})["TrustStoreRevocations"]) == 2


def test_lists_and_entries_have_their_limits(
    api: Api, refused: Any, store: str, add_list: Callable[..., int]
) -> None:
    def with_entries(count: int) -> None:
        def change(tx: Transaction) -> None:
            row = tx.get(TRUST_STORES, store)
            assert row is not None
            lists = tuple(replace(one, number_of_revoked_entries=count) for one in row.revocations)
            tx.put(TRUST_STORES, replace(row, revocations=lists))

        asyncio.run(api.context.store.transact(change))

    add_list(store)
    with_entries(trust_store_revocations.REVOKED_ENTRIES_MAX - 2)
    with refused("TooManyTrustStoreRevocationEntries", "entries: at most 500000"):
        add_list(store, (1, 2, 3))
    add_list(store, (1, 2))
    with_entries(0)
    for _ in range(28):
        add_list(store, ())
    with refused("TooManyTrustStoreRevocationEntries", "lists: at most 30"):
        add_list(store, ())


async def _get(page: TrustStorePage, url: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": parts.path,
        "query_string": parts.query.encode(),
        "headers": [(b"host", parts.netloc.encode())],
    }

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("a GET has no body")

    await page(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.fixture
def get(api: Api, clock: FakeClock) -> Callable[[str], tuple[int, bytes]]:
    """GETs a link of a trust store."""
    page = TrustStorePage(
        store=api.context.store, arns=api.context.arns, clock=clock, credentials={ACCESS_KEY: SECRET_KEY}
    )
    return lambda url: asyncio.run(_get(page, url))


@pytest.mark.proves("operation:GetTrustStoreCaCertificatesBundle")
def test_the_link_to_a_bundle_gives_the_bundle_for_ten_minutes(
    client: Any, make_store: Callable[..., str], get: Callable[..., tuple[int, bytes]], clock: FakeClock
) -> None:
    bundle = b"# mine\n" + ROOT.pem
    arn = make_store(content=bundle)
    url = client.get_trust_store_ca_certificates_bundle(TrustStoreArn=arn)["Location"]
    assert url.startswith("http://tidegate.test/fleet/truststore/clients/")
    assert get(url) == (200, bundle)
    clock.advance(600)
    assert get(url) == (200, bundle)
    clock.advance(1)
    assert get(url)[0] == 400


@pytest.mark.proves("operation:GetTrustStoreRevocationContent")
def test_the_link_to_a_list_gives_the_list(
    client: Any,
    store: str,
    add_list: Callable[..., int],
    get: Callable[..., tuple[int, bytes]],
    refused: Any,
) -> None:
    number = add_list(store)
    url = client.get_trust_store_revocation_content(TrustStoreArn=store, RevocationId=number)["Location"]
    status, content = get(url)
    assert status == 200
    assert content.startswith(b"-----BEGIN X509 CRL-----")
    client.remove_trust_store_revocations(TrustStoreArn=store, RevocationIds=[number])
    assert get(url)[0] == 404
    with refused("RevocationIdNotFound"):
        client.get_trust_store_revocation_content(TrustStoreArn=store, RevocationId=number)


def test_a_link_is_good_for_its_own_path_and_key_only(
    client: Any, store: str, add_list: Callable[..., int], get: Callable[..., tuple[int, bytes]]
) -> None:
    add_list(store)
    url = client.get_trust_store_ca_certificates_bundle(TrustStoreArn=store)["Location"]
    assert get(url.replace("ca-certificates.pem", "revocations/1.pem"))[0] == 403
    assert get(url.replace(ACCESS_KEY, "AKIAOTHER"))[0] == 403
    assert get(url.partition("?")[0])[0] == 403
    client.delete_trust_store(TrustStoreArn=store)
    assert get(url)[0] == 404


def test_a_client_certificate_of_no_authority_may_stand_in_a_bundle(make_store: Callable[..., str]) -> None:
    """Self-signed clients are trusted by putting their certificates themselves into the store."""
    assert make_store(content=a_certificate("client.example").pem)
