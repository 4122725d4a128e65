"""HTTPS listeners with a real HAProxy: certificates by name, versions, HTTP/2, clients' certificates."""

from __future__ import annotations

import asyncio
import socket
import ssl
import string
import urllib.parse
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from tests.balancer.lab import PORT, Lab, fixed, forward, listener

from tidegate.fleet.balancing import EdgeCertificate, EdgeListener, EdgeTls, EdgeTrustStore
from tidegate.testing.certificates import MadeCertificate, a_certificate, a_revocation_list

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

    def present(self, pair: MadeCertificate, *chain: MadeCertificate) -> None:
        path = self._folder / "client.pem"
        path.write_bytes(b"".join([pair.pem, *(one.pem for one in chain), pair.key_pem]))
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

    async def get(self, *headers: str, name: str = "a.test") -> int:
        reader, writer = await asyncio.open_connection(
            self._lab.address, PORT, ssl=self.context, server_hostname=name
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


async def test_the_default_is_shown_only_where_no_other_fits(lab: Lab, client: Client) -> None:
    default = certificate("default", made("both.test", "default.test"))
    other = certificate("other", made("other.test", "both.test"))
    document = {"certificates": (default, other)}
    await lab.edge(https(default, other), document=document)
    assert await client.shown("both.test") == "other.test"
    assert await client.shown("default.test") == "both.test"
    await lab.edge(https(default, other, default), document=document)
    assert await client.shown("default.test") == "both.test"


async def test_a_rotation_reloads_nothing_and_breaks_no_connection(lab: Lab, client: Client) -> None:
    await lab.edge(https(A, B), document={"certificates": (A, B)})
    worker = await lab.worker()
    reader, writer = await asyncio.open_connection(lab.address, PORT, ssl=client.context)
    for number in range(3):
        renewed = EdgeCertificate(arn=B.arn, pem=certificate(f"b{number}.test").pem, names=("b.test",))
        other = EdgeCertificate(arn=A.arn, pem=certificate("a.test", made("*.b.test")).pem)
        await lab.edge(https(A, B), document={"certificates": (other, renewed)})
        assert await client.shown(f"b{number}.test") == f"b{number}.test"
        assert await client.shown() == "*.b.test"
    assert await lab.worker() == worker
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_rotated_certificates_are_there_after_the_next_reload(lab: Lab, client: Client) -> None:
    await lab.edge(https(A), document={"certificates": (A,)})
    renewed = EdgeCertificate(arn=A.arn, pem=certificate("renewed.test").pem)
    await lab.edge(https(A), document={"certificates": (renewed,)})
    worker = await lab.worker()
    await lab.edge(https(A), listener(default=fixed(), port=PORT + 1), document={"certificates": (renewed,)})
    assert await lab.worker() != worker
    assert await client.shown() == "renewed.test"


async def test_a_trust_store_changes_while_the_worker_lives(lab: Lab, client: Client) -> None:
    first, second = made(common_name="First", is_ca=True), made(common_name="Second", is_ca=True)
    verifying = https(A, client_certificates="verify", trust_store_arn=STORE)

    async def trusting(root: MadeCertificate, *revoked: int) -> None:
        crl = a_revocation_list(root, revoked, NOW - timedelta(days=1)).decode()
        store = EdgeTrustStore(arn=STORE, ca_pem=root.pem.decode(), crl_pem=crl)
        await lab.edge(verifying, document={"certificates": (A,), "trust_stores": (store,)})

    jane = made("jane.test", issuer=second)
    client.present(jane)
    await trusting(first)
    worker = await lab.worker()
    assert await refused(client)
    await trusting(second)
    assert await client.get() == 200
    await trusting(second, jane.certificate.serial_number)
    assert await refused(client)
    await trusting(second)
    assert await client.get() == 200
    await trusting(first)
    assert await refused(client)
    assert await lab.worker() == worker


async def test_a_rotation_forgets_nothing_of_who_may_connect_and_how(lab: Lab, client: Client) -> None:
    root = made(common_name="Clients", is_ca=True)
    stores = (EdgeTrustStore(arn=STORE, ca_pem=root.pem.decode()),)
    verify = {"client_certificates": "verify", "trust_store_arn": STORE, "protocols": ("TLSv1.3",)}
    await lab.edge(https(A, B, **verify), document={"certificates": (A, B), "trust_stores": stores})
    worker = await lab.worker()
    new_a, new_b = (replace(one, pem=certificate("new.test").pem) for one in (A, B))
    await lab.edge(https(A, B, **verify), document={"certificates": (new_a, new_b), "trust_stores": stores})
    for name in ("a.test", "new.test"):
        assert await refused(client, name)
    client.present(made("jane.test", issuer=root))
    assert await client.get() == 200
    client.context.maximum_version = ssl.TLSVersion.TLSv1_2
    for name in ("a.test", "new.test"):
        assert await refused(client, name)
    assert await lab.worker() == worker


async def test_an_authority_without_a_list_of_revocations_revokes_nothing(lab: Lab, client: Client) -> None:
    listed, other = made(common_name="Listed", is_ca=True), made(common_name="Other", is_ca=True)
    crl = a_revocation_list(listed, (), NOW - timedelta(days=1)).decode()
    store = EdgeTrustStore(arn=STORE, ca_pem=(listed.pem + other.pem).decode(), crl_pem=crl)
    verifying = https(A, client_certificates="verify", trust_store_arn=STORE)
    await lab.edge(verifying, document={"certificates": (A,), "trust_stores": (store,)})
    for issuer in (listed, other):
        client.present(made("jane.test", issuer=issuer))
        assert await client.get() == 200


@pytest.mark.proves("load-balancer-attribute:routing.http.x_amzn_tls_version_and_cipher_suite.enabled")
async def test_tls_version_and_cipher_come_in_the_headers_that_are_chosen(lab: Lab, client: Client) -> None:
    await lab.edge(https(A), document={"certificates": (A,)})
    assert await client.get() == 200
    assert lab.seen[-1].values("x-amzn-tls-version") == []
    renamed = replace(https(A), request_header_names={"X-Amzn-Tls-Cipher-Suite": "X-Cipher"})
    await lab.edge(renamed, document={"certificates": (A,)}, adds_tls_headers=True)
    client.context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert await client.get("X-Amzn-Tls-Version: forged") == 200
    assert lab.seen[-1].values("x-amzn-tls-version") == ["TLSv1.2"]
    assert lab.seen[-1].values("x-cipher") == ["ECDHE-ECDSA-AES128-GCM-SHA256"]


async def test_http2_requests_are_never_suspicious(lab: Lab) -> None:
    """AWS takes them for compliant, whatever their method and length."""
    await lab.edge(https(A), document={"certificates": (A,)}, desync_mitigation_mode="strictest")
    async with httpx.AsyncClient(http2=True, verify=False) as http:
        answer = await http.request("GET", f"https://{lab.address}:{PORT}/", content=b"abc")
    assert (answer.http_version, answer.status_code, lab.seen[-1].body) == ("HTTP/2", 200, b"abc")
    assert lab.seen[-1].values("x-forwarded-proto") == ["https"]


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


@pytest.mark.proves("load-balancer-attribute:routing.http2.enabled")
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


async def test_a_client_whose_certificate_never_ends_has_no_end_in_its_header(
    lab: Lab, client: Client
) -> None:
    root = made(common_name="Clients", is_ca=True)
    store = EdgeTrustStore(arn=STORE, ca_pem=root.pem.decode())
    document = {"certificates": (A,), "trust_stores": (store,)}
    await lab.edge(https(A, client_certificates="verify", trust_store_arn=STORE), document=document)
    # RFC 5280, 4.1.2.5.
    client.present(made("device.test", issuer=root, ends=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)))
    assert await client.get() == 200
    since = f"{NOW - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    assert lab.seen[-1].values("x-amzn-mtls-clientcert-validity") == [f"NotBefore={since};NotAfter=-"]


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


@pytest.mark.proves("listener-attribute:routing.http.request.x_amzn_mtls_clientcert.header_name")
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


async def test_passthrough_tells_the_whole_chain_leaf_first(lab: Lab, client: Client) -> None:
    await lab.edge(https(A, client_certificates="passthrough"), document={"certificates": (A,)})
    root = made(common_name="Root", is_ca=True)
    middle = made(common_name="Middle", is_ca=True, issuer=root)
    leaf = made("jane.test", issuer=middle)
    client.present(leaf, middle, root)
    assert await client.get() == 200
    [chain] = lab.seen[-1].values("x-amzn-mtls-clientcert")
    assert set(chain) <= set(string.ascii_letters + string.digits + "+/=%-")
    assert urllib.parse.unquote(chain).encode() == leaf.pem + middle.pem + root.pem


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("mode", "resumes"), [("off", True), ("passthrough", False)])
async def test_sessions_are_resumed_only_where_no_certificate_is_asked_for(
    lab: Lab, client: Client, mode: str, resumes: bool, version: ssl.TLSVersion
) -> None:
    await lab.edge(https(A, client_certificates=mode), document={"certificates": (A,)})
    client.context.maximum_version = version
    assert await asyncio.to_thread(resumed, client.context, lab.address) is resumes


async def test_keys_are_for_the_balancers_user_only(lab: Lab, tmp_path: Path) -> None:
    await lab.edge(https(A), document={"certificates": (A,)})
    assert others_may_read(tmp_path) == []


async def test_keys_of_certificates_that_no_listener_shows_are_removed(lab: Lab, tmp_path: Path) -> None:
    def keys() -> int:
        files = (path.read_text() for path in (tmp_path / "secrets").iterdir())
        return sum("PRIVATE KEY" in text for text in files)

    (tmp_path / "secrets").mkdir(exist_ok=True)
    (tmp_path / "secrets" / ".left.pem").write_text("PRIVATE KEY")
    await lab.edge(https(A, B), document={"certificates": (A, B)})
    assert keys() == 2
    await lab.edge(https(A), document={"certificates": (A,)})
    assert keys() == 1
    await lab.edge(listener(default=forward("web")))
    assert keys() == 0


async def test_a_listener_without_its_certificate_is_reported_and_stops_no_other(lab: Lab) -> None:
    plain = listener(default=fixed(body="plain"), port=PORT + 1)
    await lab.edge(https(A), plain)
    assert (await lab.ask(port=PORT + 1)).body == b"plain"
    errors = [one.error for one in lab.balancer.reports()[0].listeners]  # type: ignore[union-attr]
    assert sorted(error is None for error in errors) == [False, True]


def others_may_read(folder: Path) -> list[Path]:
    [secrets] = folder.rglob("secrets")
    return [path for path in (secrets, *secrets.iterdir()) if path.stat().st_mode & 0o077]


def resumed(context: ssl.SSLContext, address: str) -> bool:
    """Whether a second connection goes on with the session of the first."""
    session = None
    for _ in range(2):
        with socket.create_connection((address, PORT), timeout=5) as plain:
            connection = context.wrap_socket(plain, server_hostname="a.test", session=session)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
            connection.recv(100)
            session, was_reused = connection.session, connection.session_reused
            connection.close()
    return bool(was_reused)


async def refused(client: Client, name: str = "a.test") -> bool:
    """Whether the load balancer ends the handshake; with TLS 1.3 the client hears of it a moment later."""
    try:
        return await client.get(name=name) == 0
    except (ssl.SSLError, ConnectionError):
        return True
