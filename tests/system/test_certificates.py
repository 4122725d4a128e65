"""Certificates and trust stores through their users' tools: Terraform, the command line, TLS itself."""

from __future__ import annotations

import asyncio
import json
import ssl
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.system.conftest import Product
from tests.system.stack import Stack

from tidegate.control.store import Store
from tidegate.control.store.opening import open_database
from tidegate.control.store.tables import ALL, CERTIFICATES
from tidegate.domain.acm import Certificate
from tidegate.testing.certificates import MadeCertificate, a_certificate, a_revocation_list

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

# The product has the machine's clock.
NOW = datetime.now(UTC)
VALID = {"begins": NOW - timedelta(days=1), "ends": NOW + timedelta(days=90)}
ROOT = a_certificate(common_name="Shop CA", is_ca=True, **VALID)


def _leaf() -> MadeCertificate:
    return a_certificate("imported.shop.example", issuer=ROOT, **VALID)


def _write(folder: Path, made: MadeCertificate) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "certificate.pem").write_bytes(made.pem)
    (folder / "key.pem").write_bytes(made.key_pem)
    (folder / "chain.pem").write_bytes(ROOT.pem)


def _fill_bucket(product: Product) -> None:
    folder = product.data_dir / "s3" / "shop-bucket" / "clients"
    folder.mkdir(parents=True)
    (folder / "bundle.pem").write_bytes(ROOT.pem)
    (folder / "list.pem").write_bytes(a_revocation_list(ROOT))


@pytest.mark.terraform
def test_terraform_makes_changes_and_removes_them(product: Product, tmp_path: Path) -> None:
    _fill_bucket(product)
    files = tmp_path / "files"
    _write(files, _leaf())
    stack = Stack(product, tmp_path / "terraform", "certificates.tf")
    given = {"folder": str(files)}
    stack.apply(**given)
    stack.assert_replans_empty(**given)
    before = _outputs(stack)
    assert before["found"] == before["requested"]

    # The next certificate of the same key type goes under the same ARN, and so do other tags.
    renewed = _leaf()
    _write(files, renewed)
    given["purpose"] = "second"
    stack.apply(**given)
    stack.assert_replans_empty(**given)
    after = _outputs(stack)
    assert after == before
    acm = product.client("acm")
    assert acm.get_certificate(CertificateArn=after["imported"])["Certificate"].encode() == renewed.pem
    tags = acm.list_tags_for_certificate(CertificateArn=after["requested"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Purpose": "second", "Team": "shop"}

    stack.destroy(**given)
    assert acm.list_certificates()["CertificateSummaryList"] == []
    assert product.client("elbv2").describe_trust_stores()["TrustStores"] == []


def _outputs(stack: Stack) -> dict[str, str]:
    done = stack.run("output", "-json")
    assert done.returncode == 0, done.stderr
    return {name: output["value"] for name, output in json.loads(done.stdout).items()}


def test_the_printed_root_is_all_that_a_tls_client_needs(product: Product) -> None:
    root = product.tidegate("ca").stdout
    acm = product.client("acm")
    arns = [
        acm.request_certificate(DomainName="*.shop.example", KeyAlgorithm=key)["CertificateArn"]
        for key in ("RSA_2048", "EC_prime256v1", "EC_secp384r1")
    ]
    product.tidegate("down")
    rows = _kept(product)
    for arn in arns:
        row = rows[arn]
        files = product.data_dir / "server.pem"
        files.write_text(row.certificate_pem + row.chain_pem + row.private_key_pem)
        assert asyncio.run(_handshake(files, root, "www.shop.example")) == "www.shop.example"
        with pytest.raises(ssl.SSLCertVerificationError):
            asyncio.run(_handshake(files, root, "other.example"))


def _kept(product: Product) -> dict[str, Certificate]:
    """The certificates that the stopped product keeps: its API gives no key."""
    store = Store(open_database(f"sqlite:///{product.data_dir}/control/state.db"), ALL)
    store.load()
    rows = {row.arn: row for row in store.snapshot.all(CERTIFICATES)}
    asyncio.run(store.close())
    return rows


async def _handshake(server_files: Path, root: str, name: str) -> str:
    """The name of the server whose certificate a client that trusts the root has accepted."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server_files)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        trusting = ssl.create_default_context(cadata=root)
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname=name)
        writer.close()
    return name


def test_a_bundles_link_is_followed_without_a_key(product: Product) -> None:
    _fill_bucket(product)
    elbv2 = product.client("elbv2")
    place = {"CaCertificatesBundleS3Bucket": "shop-bucket", "CaCertificatesBundleS3Key": "clients/bundle.pem"}
    arn = elbv2.create_trust_store(Name="clients", **place)["TrustStores"][0]["TrustStoreArn"]
    url = elbv2.get_trust_store_ca_certificates_bundle(TrustStoreArn=arn)["Location"]
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == ROOT.pem
