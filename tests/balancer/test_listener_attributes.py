"""Every header that a listener's attributes set or name, by its key, with a real HAProxy."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.balancer.lab import PORT, Lab, fixed, forward, listener, rule, values

from tidegate.domain.elbv2.attributes import REQUEST_HEADERS, RESPONSE_HEADERS
from tidegate.fleet.balancing import EdgeCertificate, EdgeTls, EdgeTrustStore
from tidegate.testing.certificates import MadeCertificate, a_certificate

pytestmark = pytest.mark.timeout(60)

CERTIFICATE, STORE = "arn:aws:acm:us-east-1:0:certificate/a", "arn:aws:truststore/clients"
TLS = EdgeTls(
    certificates=(CERTIFICATE,),
    policy="p",
    protocols=("TLSv1.2",),
    ciphers=("ECDHE-ECDSA-AES128-GCM-SHA256",),
    client_certificates="verify",
    trust_store_arn=STORE,
)
# The whole chain is what passthrough tells, verify tells its parts.
_CHAIN = "routing.http.request.x_amzn_mtls_clientcert.header_name"
NAMED = {key: name for key, name in REQUEST_HEADERS.items() if key != _CHAIN}
VALUES = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Access-Control-Allow-Origin": "https://a.test",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "X-A, X-B",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "*",
    "Access-Control-Max-Age": "600",
    "Content-Security-Policy": "default-src 'self'; img-src *",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


def made(*names: str, issuer: MadeCertificate | None = None, is_ca: bool = False) -> MadeCertificate:
    now = datetime.now(UTC)
    times = {"begins": now - timedelta(days=1), "ends": now + timedelta(days=1)}
    return a_certificate(*names, issuer=issuer, is_ca=is_ca, common_name=None if names else "Root", **times)


@pytest.mark.proves(*(f"listener-attribute:{key}" for key in RESPONSE_HEADERS))
async def test_every_response_header_is_on_targets_answers_and_on_own_ones(lab: Lab) -> None:
    chosen = {name: VALUES[name] for name in RESPONSE_HEADERS.values()}
    own = rule(1, fixed("404"), values("path-pattern", "/own"))
    await lab.edge(listener(own, default=forward("a"), response_headers=chosen))
    for path in ("/", "/own"):
        answer = await lab.ask(path)
        assert {name: answer.values(name) for name in chosen} == {
            name: [value] for name, value in chosen.items()
        }


@pytest.mark.proves(*(f"listener-attribute:{key}" for key in NAMED))
async def test_every_header_about_tls_and_clients_has_the_name_that_was_chosen(
    lab: Lab, tmp_path: Path
) -> None:
    root, server = made(is_ca=True), made("a.test")
    known = made("jane.test", issuer=root)
    renamed = {name: f"X-Renamed-{number}" for number, name in enumerate(NAMED.values())}
    secure = replace(listener(default=forward("a"), protocol="HTTPS"), tls=TLS, request_header_names=renamed)
    pem = (server.pem + server.key_pem).decode()
    document = {
        "certificates": (EdgeCertificate(arn=CERTIFICATE, pem=pem, names=("a.test",)),),
        "trust_stores": (EdgeTrustStore(arn=STORE, ca_pem=root.pem.decode()),),
    }
    await lab.edge(secure, document=document, adds_tls_headers=True)
    await get(lab, presenting(known, tmp_path))
    seen = lab.seen[-1]
    assert not any(seen.values(name) for name in NAMED.values())
    got = {name: seen.values(chosen) for name, chosen in renamed.items()}
    assert all(len(found) == 1 and found[0] for found in got.values()), got
    assert got["X-Amzn-Tls-Version"] == ["TLSv1.2"]
    assert got["X-Amzn-Tls-Cipher-Suite"] == ["ECDHE-ECDSA-AES128-GCM-SHA256"]
    assert got["X-Amzn-Mtls-Clientcert-Issuer"] == ["CN=Root"]


def presenting(client: MadeCertificate, folder: Path) -> ssl.SSLContext:
    (folder / "client.pem").write_bytes(client.pem + client.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(folder / "client.pem")
    return context


async def get(lab: Lab, context: ssl.SSLContext) -> None:
    reader, writer = await asyncio.open_connection(lab.address, PORT, ssl=context, server_hostname="a.test")
    writer.write(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(10):
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()
