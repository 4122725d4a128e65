"""Envoy with the same work: 100 rules, forwarded headers, a trace id, a log line, another try."""

from __future__ import annotations

import json
from typing import Any

from bench.peers.peer import Peer, Place, installed
from bench.peers.rules import HOSTS, PATHS, expression, prefix

_TYPE = "type.googleapis.com/envoy.extensions"
_LINE = (
    "%PROTOCOL% %START_TIME% %DOWNSTREAM_REMOTE_ADDRESS% %UPSTREAM_HOST% %DURATION% %RESPONSE_DURATION% "
    '%RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% "%REQ(:METHOD)% %REQ(:PATH)%" '
    '"%REQ(USER-AGENT)%" %DOWNSTREAM_TLS_CIPHER% %DOWNSTREAM_TLS_VERSION% "%REQ(X-AMZN-TRACE-ID)%" '
    '"%REQ(:AUTHORITY)%" %ROUTE_NAME%\n'
)


def start(place: Place) -> Peer:
    """Raises MissingError, LoadFailedError."""
    file = place.folder / "envoy.json"
    file.write_text(json.dumps(configuration(place)))
    # Shared memory would tie it to another Envoy of the machine's.
    options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
    return place.started("Envoy", [installed("envoy"), "-c", str(file), *options])


def configuration(place: Place) -> dict[str, Any]:
    endpoints = [{"endpoint": {"address": _address(target.address, target.port)}} for target in place.targets]
    cluster = {
        "name": "targets",
        "type": "STATIC",
        "lb_policy": "ROUND_ROBIN",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": "targets", "endpoints": [{"lb_endpoints": endpoints}]},
    }
    listeners = [_listener(place, place.http_port), _listener(place, place.https_port, _tls(place))]
    return {"static_resources": {"listeners": listeners, "clusters": [cluster]}}


def _listener(place: Place, port: int, tls: dict[str, Any] | None = None) -> dict[str, Any]:
    manager = {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": f"port_{port}",
        "use_remote_address": True,
        "route_config": _routes(port),
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPE}.filters.http.router.v3.Router"},
            }
        ],
        "access_log": [
            {
                "name": "envoy.access_loggers.file",
                "typed_config": {
                    "@type": f"{_TYPE}.access_loggers.file.v3.FileAccessLog",
                    "path": f"{place.folder}/access-{port}.log",
                    "log_format": {"text_format_source": {"inline_string": _LINE}},
                },
            }
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return {"address": _address("127.0.0.1", port), "filter_chains": [chain | (tls or {})]}


def _tls(place: Place) -> dict[str, Any]:
    file = {"filename": str(place.certificate)}
    context = {
        "@type": f"{_TYPE}.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_certificates": [{"certificate_chain": file, "private_key": file}],
            "tls_params": {"tls_maximum_protocol_version": "TLSv1_3"},
        },
    }
    return {"transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": context}}


def _routes(port: int) -> dict[str, Any]:
    """A virtual host for each host that a rule asks for; paths lead from each of them."""
    paths = [_route(pattern) for pattern in PATHS.values()]
    hosts = [
        {
            "name": host,
            "domains": [host, f"{host}:*"],
            "routes": [*paths, _route(pattern or "/*"), *([_route("/*")] if pattern else [])],
        }
        for host, pattern in HOSTS.values()
    ]
    everyone = {"name": "everyone", "domains": ["*"], "routes": [*paths, _route("/*")]}
    retries = {"retry_on": "connect-failure,refused-stream,reset", "num_retries": 3}
    return {
        "name": f"port_{port}",
        "virtual_hosts": [{**one, "retry_policy": retries} for one in (*hosts, everyone)],
        "request_headers_to_add": [
            {"header": {"key": "X-Amzn-Trace-Id", "value": "Root=1-%START_TIME(%s)%-%REQ(X-REQUEST-ID)%"}},
            {"header": {"key": "X-Forwarded-Port", "value": str(port)}},
        ],
    }


def _route(pattern: str) -> dict[str, Any]:
    start = prefix(pattern)
    match = {"prefix": start} if start is not None else {"safe_regex": {"regex": expression(pattern)}}
    return {"match": match, "route": {"cluster": "targets"}}


def _address(address: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": address, "port_value": port}}
