"""Caddy with the same work: 100 rules, forwarded headers, a trace id, a log line, another try."""

from __future__ import annotations

import json
from typing import Any

from bench.peers.peer import CERTIFICATE_NAME, Peer, Place, installed
from bench.peers.rules import HOSTS, PATHS, expression, prefix


def start(place: Place) -> Peer:
    """Raises MissingError, LoadFailedError."""
    file = place.folder / "caddy.json"
    file.write_text(json.dumps(configuration(place)))
    # What it keeps for itself goes into its folder; it has one core.
    environment = {
        "XDG_DATA_HOME": str(place.folder),
        "XDG_CONFIG_HOME": str(place.folder),
        "GOMAXPROCS": "1",
    }
    return place.started("Caddy", [installed("caddy"), "run", "--config", str(file)], environment)


def configuration(place: Place) -> dict[str, Any]:
    log = {
        "writer": {"output": "file", "filename": f"{place.folder}/access.log", "roll": False},
        "encoder": {"format": "json"},
        "include": ["http.log.access"],
    }
    certificate = {"certificate": str(place.certificate), "key": str(place.certificate)}
    # The load asks for no name.
    policy = {"default_sni": CERTIFICATE_NAME, "fallback_sni": CERTIFICATE_NAME}
    https = {**_server(place, place.https_port), "tls_connection_policies": [policy]}
    return {
        "admin": {"disabled": True},
        "logging": {"logs": {"default": {"level": "ERROR"}, "access": log}},
        "apps": {
            "http": {"servers": {"http": _server(place, place.http_port), "https": https}},
            "tls": {"certificates": {"load_files": [certificate]}},
        },
    }


def _server(place: Place, port: int) -> dict[str, Any]:
    rules = [
        *((number, _matcher(pattern)) for number, pattern in PATHS.items()),
        *((number, {"host": [host], **_matcher(pattern)}) for number, (host, pattern) in HOSTS.items()),
    ]
    # The first of a group that matches is taken; it notes its number, as the others' rules know theirs.
    routes = [
        {"group": "rules", "match": [match], "handle": [{"handler": "vars", "rule": str(number)}]}
        for number, match in sorted(rules, key=lambda one: one[0])
    ]
    forward = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"{one.address}:{one.port}"} for one in place.targets],
        "load_balancing": {"selection_policy": {"policy": "round_robin"}, "retries": 3},
        "headers": {
            "request": {
                "set": {
                    "X-Amzn-Trace-Id": ["Root=1-{time.now.unix}-{http.request.uuid}"],
                    "X-Forwarded-Port": [str(port)],
                }
            }
        },
        "transport": {"protocol": "http", "keep_alive": {"max_idle_conns_per_host": 64}},
    }
    return {
        "listen": [f"127.0.0.1:{port}"],
        "protocols": ["h1", "h2"],
        "automatic_https": {"disable": True},
        "routes": [*routes, {"handle": [forward]}],
        "logs": {},
    }


def _matcher(pattern: str) -> dict[str, Any]:
    if not pattern:
        return {}
    if prefix(pattern) is not None:
        return {"path": [pattern]}
    return {"path_regexp": {"pattern": expression(pattern)}}
