"""Access logs over TLS, connection logs and health-check logs of real traffic, read out of their bucket."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.balancer.lab import PORT, Lab, fixed, forward, group_arn, listener, running
from tests.balancer.test_access_logs import UPGRADE, echo, serving
from tests.balancer.test_tls import NOW, STORE, A, B, Client, https, made

from tidegate.fleet.balancing import EdgeLog, EdgeTrustStore, GroupDocument, GroupTarget, HealthCheckDocument
from tidegate.testing.balancing.bucket_logs import entries
from tidegate.testing.certificates import an_authority

pytestmark = pytest.mark.timeout(60)

ACCESS, CONNECTION, HEALTH_CHECK = (
    EdgeLog(kind=kind, bucket="logs") for kind in ("access", "connection", "health_check")
)
Entry = dict[str, str]


async def logged(lab: Lab, kind: str, count: int) -> list[Entry]:
    """What is in the bucket once there are at least so many lines."""
    bucket = lab.settings.data_dir / "s3" / "logs"
    await lab.until(lambda: len(entries(bucket, kind)) >= count, 20)
    return entries(bucket, kind)


async def test_requests_over_tls(lab: Lab, tmp_path: Path) -> None:
    await lab.edge(https(A, B), document={"certificates": (A, B)}, logs=(ACCESS,))
    client = Client(lab, tmp_path)
    for name in ("b.test", "unknown.test"):
        await client.get(name=name)
    named, other = await logged(lab, "", 2)
    assert (named["type"], named["ssl_protocol"]) == ("https", "TLSv1.3")
    assert named["ssl_cipher"] == "TLS_AES_128_GCM_SHA256"
    assert (named["domain_name"], named["chosen_cert_arn"]) == ("b.test", B.arn)
    assert (other["domain_name"], other["chosen_cert_arn"]) == ("-", A.arn)
    assert named["request"] == f"GET https://a.test:{PORT}/ HTTP/1.1"


async def test_a_websocket_over_tls(lab: Lab, tmp_path: Path) -> None:
    await serving(lab, "web", echo)
    await lab.edge(https(A), document={"certificates": (A,)}, logs=(ACCESS,))
    context = Client(lab, tmp_path).context
    reader, writer = await asyncio.open_connection(lab.address, PORT, ssl=context)
    writer.write(UPGRADE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    writer.close()
    [entry] = await logged(lab, "", 1)
    assert (entry["type"], entry["elb_status_code"], entry["target_status_code"]) == ("wss", "101", "101")


async def test_what_was_logged_is_delivered_when_the_balancer_stops(tmp_path: Path) -> None:
    async with running(tmp_path, log_interval_seconds=300) as lab:
        await lab.edge(listener(default=fixed()), logs=(ACCESS, CONNECTION))
        await lab.until(lambda: lab.balancer.log_keeper.pid is not None)
        await lab.ask()
    bucket = tmp_path / "s3" / "logs"
    assert len(entries(bucket)) == len(entries(bucket, "conn_log_")) == 1


async def test_http2_and_grpc(lab: Lab) -> None:
    await lab.edge(https(A), document={"certificates": (A,)}, logs=(ACCESS, CONNECTION))
    lab.group("web", protocol_version="GRPC")
    await lab.until_text("proto h2")
    async with httpx.AsyncClient(http2=True, verify=False) as client:
        url = f"https://{lab.address}:{PORT}/pkg.Service/Call"
        headers = {"Host": "a.test"}
        await client.get(url, headers=headers)
        await client.post(url, headers=headers | {"Content-Type": "application/grpc"})
    refused, called = await logged(lab, "", 2)
    assert (refused["type"], refused["elb_status_code"]) == ("h2", "464")
    assert called["type"] == "grpcs"
    assert called["request"] == f"POST https://a.test:{PORT}/pkg.Service/Call HTTP/2.0"
    [connection] = await logged(lab, "conn_log_", 1)
    assert {refused["conn_trace_id"], called["conn_trace_id"]} == {connection["conn_trace_id"]}


@pytest.mark.proves(
    "load-balancer-attribute:connection_logs.s3.enabled",
    "load-balancer-attribute:connection_logs.s3.bucket",
    "load-balancer-attribute:connection_logs.s3.prefix",
)
async def test_a_connection_is_one_line_however_many_requests_it_has(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")), logs=(ACCESS, CONNECTION))
    async with lab.connection() as client:
        for _ in range(3):
            await client.ask(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
    async with lab.connection() as client:
        await client.ask(b"GET /not well formed\r\n\r\n")
    requests = await logged(lab, "", 4)
    connections = await logged(lab, "conn_log_", 2)
    assert len(connections) == 2
    assert {one["conn_trace_id"] for one in connections} == {one["conn_trace_id"] for one in requests}
    first = connections[0]
    assert f"{first['client_ip']}:{first['client_port']}" == requests[0]["client:port"]
    assert (first["listener_port"], first["tls_protocol"]) == (str(PORT), "-")


async def test_handshakes_that_succeed_and_that_fail(lab: Lab, tmp_path: Path) -> None:
    authority = an_authority()
    store = EdgeTrustStore(arn=STORE, ca_pem=authority.pem.decode())
    await lab.edge(
        https(A, client_certificates="verify", trust_store_arn=STORE),
        document={"certificates": (A,), "trust_stores": (store,)},
        logs=(CONNECTION,),
    )
    expired = {"begins": NOW - timedelta(days=9), "ends": NOW - timedelta(days=1)}
    for pair in (
        made("good", issuer=authority),
        made("expired", issuer=authority, **expired),
        made("strange"),
        None,
    ):
        client = Client(lab, tmp_path)
        if pair is not None:
            client.present(pair)
        try:
            await client.get()
        except (ssl.SSLError, ConnectionError):
            """Refused."""
    found = await logged(lab, "conn_log_", 4)
    assert [(one["leaf_client_cert_subject"], one["tls_verify_status"]) for one in found] == [
        ("CN=good", "Success"),
        ("CN=expired", "Failed:ClientCertExpired"),
        ("CN=strange", "Failed:ClientCertUntrusted"),
        ("-", "Failed:UnmappedConnectionError"),
    ]
    good, failed = found[0], found[1]
    assert (good["tls_protocol"], good["tls_cipher"]) == ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
    assert float(good["tls_handshake_latency"]) < 5
    assert failed["tls_handshake_latency"] == "-"
    ends = f"{expired['ends']:%Y-%m-%dT%H:%M:%SZ}"
    assert failed["leaf_client_cert_validity"].endswith(f";NotAfter={ends}")


@pytest.mark.proves(
    "load-balancer-attribute:health_check_logs.s3.enabled",
    "load-balancer-attribute:health_check_logs.s3.bucket",
    "load-balancer-attribute:health_check_logs.s3.prefix",
)
async def test_health_checks_that_pass_and_that_fail(lab: Lab) -> None:
    refusing = await serving(lab, "refusing", None)
    await lab.edge(listener(default=forward("a", "refusing")), logs=(HEALTH_CHECK,))
    lab.generation += 1
    lab.balancer.take(
        GroupDocument(
            target_group_arn=group_arn("a"),
            generation=lab.generation,
            health_check=HealthCheckDocument(matcher="404", interval_seconds=5, timeout_seconds=2),
            targets=(GroupTarget(id="i-1", port=lab.targets["a"].port, address="127.0.0.1"),),
        )
    )

    def verdicts() -> set[tuple[str, ...]]:
        found = entries(lab.settings.data_dir / "s3" / "logs", "health_check_log_")
        names = ("target_group_id", "status", "status_code", "reason_code", "target_addr", "elb", "type")
        return {tuple(one[name] for name in names) for one in found}

    here = ("app/lab/1", "http")
    own = f"127.0.0.1:{lab.targets['a'].port}"
    expected = {
        ("a", "PASS", "200", "-", own, *here),
        ("a", "FAIL", "200", "ResponseCodeMismatch", own, *here),
        ("refusing", "FAIL", "-", "ConnectionReset", f"127.0.0.1:{refusing}", *here),
    }
    await lab.until(lambda: expected <= verdicts(), 20)


async def test_health_checks_are_recorded_only_where_they_are_logged(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")), logs=(ACCESS,))
    await asyncio.sleep(1)
    assert not (lab.settings.data_dir / "logs" / "health.log").exists()
