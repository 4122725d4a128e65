"""HTTPS listeners with a real HAProxy: certificates by name, versions, HTTP/2, clients' certificates."""

from __future__ import annotations

import asyncio
import ssl
import urllib.parse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from tests.balancer.lab import PORT, Lab, fixed, forward, listener

from tidegate.fleet.balancing import EdgeCertificate, EdgeListener, EdgeTls, EdgeTrustStore
from tidegate.testing.certificates import MadeCertificate, a_certificate

pytestmark = pytest.mark.timeout(60)

NOW = datetime.now(UTC).replace(microsecond=0)
STORE = "arn:aws:elasticloadbalancing:us-east-1:000000000000:truststore/clients/0123456789abcdef"
NEW_CIPHERS = ("TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256")


def made(*names: str, **more: Any) -> MadeCertificate:
    times = {"begins": NOW - timedelta(days=2), "ends": NOW + timedelta(days=2)}
    return a_certificate(*names, **{**times, **more})


def certificate(name: str, of: MadeCertificate | None = None) -> EdgeCertificate:
    pair = of or made(name)
    pem = (pair.pem + pair.key_pem).decode()
    return EdgeCertificate(arn=f"arn:aws:acm:us-east-1:0:certificate/{name}", pem=pem, names=(name,))


def https(*certificates: EdgeCertificate, **more: Any) -> EdgeListener:
    tls = EdgeTls(
        certificates=tuple(one.arn for one in certificates),
        policy="p",
        **{"protocols": ("TLSv1.3", "TLSv1.2"), "ciphers": NEW_CIPHERS, **more},
    )
    return listener(default=forward("web"), protocol="HTTPS", tls=tls)


class Client:
    """One TLS connection: whom it was shown, what was agreed on, what it is answered."""

    def __init__(self, lab: Lab, tmp_path: Path) -> None:
        self._lab = lab
        self._folder = tmp_path
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def present(self, pair: MadeCertificate) -> None:
        path = self._folder / "client.pem"
        path.write_bytes(pair.pem + pair.key_pem)
        self.context.load_cert_chain(path)

    async def handshake(self, name: str | None = None) -> ssl.SSLObject:
        _, writer = await asyncio.open_connection(
            self._lab.address, PORT, ssl=self.context, server_hostname=name
        )
        writer.close()
        agreed: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return agreed

    async def shown(self, name: str | None = None) -> str:
        """The first name of the certificate that the load balancer shows."""
        der = (await self.handshake(name)).getpeercert(binary_form=True)
        assert der is not None
        names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        return str(names.value.get_values_for_type(x509.DNSName)[0])

    async def get(self, *headers: str) -> int:
        reader, writer = await asyncio.open_connection(
            self._lab.address, PORT, ssl=self.context, server_hostname="a.test"
        )
        lines = ["GET / HTTP/1.1", "Host: a.test", *headers, "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode())
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        return int(answer.split()[1]) if answer else 0


@pytest.fixture
def client(lab: Lab, tmp_path: Path) -> Client:
    return Client(lab, tmp_path)


A, B, WILD = certificate("a.test"), certificate("b.test"), certificate("*.wild.test")


async def test_the_certificate_is_chosen_by_the_name_that_the_client_asks_for(
    lab: Lab, client: Client
) -> None:
    await lab.edge(https(A, B, WILD), document={"certificates": (A, B, WILD)})
    assert await client.shown("b.test") == "b.test"
    assert await client.shown("x.wild.test") == "*.wild.test"
    assert await client.shown("unknown.test") == "a.test"
    assert await client.shown(None) == "a.test"


async def test_targets_hear_that_the_client_came_over_https(lab: Lab, client: Client) -> None:
    await lab.edge(https(A), document={"certificates": (A,)})
    assert await client.get("X-Amzn-Mtls-Clientcert: forged") == 200
    assert lab.seen[-1].values("x-forwarded-proto") == ["https"]
    assert lab.seen[-1].values("x-forwarded-port") == [str(PORT)]
    assert lab.seen[-1].values("x-amzn-mtls-clientcert") == []


async def test_another_certificate_is_in_force_with_no_failed_handshake(lab: Lab, client: Client) -> None:
    await lab.edge(https(A), document={"certificates": (A,)})
    renewed = EdgeCertificate(arn=A.arn, pem=certificate("renewed.test").pem, names=("renewed.test",))
    seen: set[str] = set()

    async def look() -> None:
        while "renewed.test" not in seen:
            seen.add(await client.shown())

    looking = asyncio.create_task(look())
    await lab.edge(https(A), document={"certificates": (renewed,)})
    async with asyncio.timeout(10):
        await looking
    assert seen <= {"a.test", "renewed.test"}


async def test_http2_is_offered_unless_the_attribute_says_no(lab: Lab, client: Client) -> None:
    client.context.set_alpn_protocols(["h2", "http/1.1"])
    await lab.edge(https(A), document={"certificates": (A,)})
    assert (await client.handshake()).selected_alpn_protocol() == "h2"
    await lab.edge(https(A), document={"certificates": (A,)}, speaks_http2=False)
    assert (await client.handshake()).selected_alpn_protocol() == "http/1.1"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize(
    ("protocols", "version", "agrees"),
    [
        (("TLSv1.3",), ssl.TLSVersion.TLSv1_2, False),
        (("TLSv1.3",), ssl.TLSVersion.TLSv1_3, True),
        (("TLSv1.2",), ssl.TLSVersion.TLSv1_3, False),
        (("TLSv1.3", "TLSv1.2"), ssl.TLSVersion.TLSv1_2, True),
        (("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"), ssl.TLSVersion.TLSv1, True),
        (("TLSv1.3", "TLSv1.2"), ssl.TLSVersion.TLSv1_1, False),
    ],
)
async def test_versions_are_those_of_the_policy(
    lab: Lab, client: Client, protocols: tuple[str, ...], version: ssl.TLSVersion, agrees: bool
) -> None:
    old = ("ECDHE-ECDSA-AES128-SHA", "AES128-SHA")
    await lab.edge(
        https(A, protocols=protocols, ciphers=(*NEW_CIPHERS, *old)), document={"certificates": (A,)}
    )
    client.context.set_ciphers("ALL:@SECLEVEL=0")
    client.context.minimum_version = client.context.maximum_version = version
    if agrees:
        assert (await client.handshake()).version() is not None
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await client.handshake()


async def test_verify_lets_in_only_whom_the_trust_store_knows_and_says_who(lab: Lab, client: Client) -> None:
    root = made(common_name="Clients", is_ca=True)
    store = EdgeTrustStore(arn=STORE, ca_pem=root.pem.decode())
    document = {"certificates": (A,), "trust_stores": (store,)}
    await lab.edge(https(A, client_certificates="verify", trust_store_arn=STORE), document=document)
    assert await refused(client)
    client.present(made("stranger.test"))
    assert await refused(client)
    known = made("jane.test", issuer=root)
    client.present(known)
    assert await client.get() == 200
    seen = lab.seen[-1]
    assert seen.values("x-amzn-mtls-clientcert-subject") == ["CN=jane.test"]
    assert seen.values("x-amzn-mtls-clientcert-issuer") == ["CN=Clients"]
    serial = known.certificate.serial_number
    assert [int(one, 16) for one in seen.values("x-amzn-mtls-clientcert-serial-number")] == [serial]
    since, until = (f"{NOW + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (-2, 2))
    validity = [f"NotBefore={since};NotAfter={until}"]
    assert seen.values("x-amzn-mtls-clientcert-validity") == validity
    [leaf] = seen.values("x-amzn-mtls-clientcert-leaf")
    assert urllib.parse.unquote(leaf).encode() == known.pem


async def test_an_expired_client_is_let_in_only_where_that_is_to_be_ignored(lab: Lab, client: Client) -> None:
    root = made(common_name="Clients", is_ca=True)
    document = {
        "certificates": (A,),
        "trust_stores": (EdgeTrustStore(arn=STORE, ca_pem=root.pem.decode()),),
    }
    verify = {"client_certificates": "verify", "trust_store_arn": STORE}
    client.present(made("late.test", issuer=root, ends=NOW - timedelta(days=1)))
    await lab.edge(https(A, **verify), document=document)
    assert await refused(client)
    await lab.edge(https(A, **verify, ignores_client_certificate_expiry=True), document=document)
    assert await client.get() == 200


async def test_passthrough_tells_the_target_any_certificate_and_lets_clients_without_one_in(
    lab: Lab, client: Client
) -> None:
    renamed = {"X-Amzn-Mtls-Clientcert": "X-Who"}
    passing = https(A, client_certificates="passthrough")
    passing = EdgeListener(
        arn=passing.arn,
        port=passing.port,
        protocol="HTTPS",
        rules=passing.rules,
        tls=passing.tls,
        request_header_names=renamed,
    )
    await lab.edge(passing, document={"certificates": (A,)})
    assert await client.get("X-Who: forged") == 200
    assert lab.seen[-1].values("x-who") == []
    stranger = made("stranger.test")
    client.present(stranger)
    assert await client.get() == 200
    [chain] = lab.seen[-1].values("x-who")
    assert urllib.parse.unquote(chain).encode() == stranger.pem


async def test_keys_are_for_the_balancers_user_only(lab: Lab, tmp_path: Path) -> None:
    await lab.edge(https(A), document={"certificates": (A,)})
    assert others_may_read(tmp_path) == []


async def test_a_listener_without_its_certificate_is_reported_and_stops_no_other(lab: Lab) -> None:
    plain = listener(default=fixed(body="plain"), port=PORT + 1)
    await lab.edge(https(A), plain)
    assert (await lab.ask(port=PORT + 1)).body == b"plain"
    errors = [one.error for one in lab.balancer.reports()[0].listeners]  # type: ignore[union-attr]
    assert sorted(error is None for error in errors) == [False, True]


def others_may_read(folder: Path) -> list[Path]:
    [secrets] = folder.rglob("secrets")
    return [path for path in (secrets, *secrets.iterdir()) if path.stat().st_mode & 0o077]


async def refused(client: Client) -> bool:
    """Whether the load balancer ends the handshake; with TLS 1.3 the client hears of it a moment later."""
    try:
        return await client.get() == 0
    except (ssl.SSLError, ConnectionError):
        return True
