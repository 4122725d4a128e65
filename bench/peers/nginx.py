"""nginx with the same work: 100 rules, forwarded headers, a trace id, a log line of AWS's fields, the next
target when one cannot be asked."""

from __future__ import annotations

import shutil

from bench.peers.peer import MissingError, Peer, Place
from bench.peers.rules import HOSTS, PATHS, expression, prefix

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server_names_hash_bucket_size 128;
  # Nobody else ends a connection for the number of its requests, or writes answers to files.
  keepalive_requests 1000000000;
  proxy_max_temp_file_size 0;
  proxy_buffer_size 16k;
  proxy_buffers 8 16k;
  # The parts of AWS's trace id, from 32 random hexadecimal digits.
  map $request_id $own_trace {{ "~^(?<t>.{{8}})(?<r>.{{24}})" "Root=1-$t-$r"; }}
  map $http_x_amzn_trace_id $trace {{ "" $own_trace; default "$own_trace;$http_x_amzn_trace_id"; }}
  log_format alb '$scheme $time_iso8601 app/bench/0 $remote_addr:$remote_port $upstream_addr '
    '$upstream_connect_time $upstream_response_time $request_time $status $upstream_status '
    '$request_length $bytes_sent "$request" "$http_user_agent" $ssl_cipher $ssl_protocol '
    'targetgroup/bench "$trace" "$host" $msec "forward" "-"';
  access_log {folder}/access.log alb;
  upstream targets {{
{targets}
    keepalive 64;
    keepalive_requests 1000000000;
  }}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Amzn-Trace-Id $trace;
  proxy_next_upstream error timeout;
  ssl_certificate {certificate};
  ssl_certificate_key {certificate};
  ssl_protocols TLSv1.2 TLSv1.3;
{servers}
}}
"""
_SERVER = """
  server {{
    listen 127.0.0.1:{http_port};
    listen 127.0.0.1:{https_port} ssl http2;
    server_name {name};
{locations}
  }}
"""


def start(place: Place) -> Peer:
    """Raises MissingError, LoadFailedError."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise MissingError("nginx is missing: `scripts/system-packages peers` installs it")
    file = place.folder / "nginx.conf"
    file.write_text(configuration(place))
    # Before it has read its file it would write to a log of the system's.
    return place.started("nginx", [program, "-e", f"{place.folder}/error.log", "-c", str(file)])


def configuration(place: Place) -> str:
    servers = [_server(place, "_ default", "/")]
    servers += [_server(place, host, pattern) for host, pattern in HOSTS.values()]
    return _CONFIGURATION.format(
        folder=place.folder,
        certificate=place.certificate,
        targets="\n".join(f"    server {one.address}:{one.port};" for one in place.targets),
        servers="".join(servers),
    )


def _server(place: Place, name: str, pattern: str) -> str:
    """The server of one host; paths lead from it whatever the host. `pattern`: of its own path, if any."""
    own = prefix(pattern)
    begins = [start for start in (prefix(one) for one in PATHS.values()) if start is not None]
    paths = (
        [f"^~ {start}" for start in begins] + ["/"] + ([f"^~ {own}"] if own not in (None, "", "/") else [])
    )
    paths += [f"~ {expression(one)}" for one in PATHS.values() if prefix(one) is None]
    text = _SERVER.format(
        http_port=place.http_port,
        https_port=place.https_port,
        name=name.removesuffix(" default"),
        locations="\n".join(f"    location {path} {{ proxy_pass http://targets; }}" for path in paths),
    )
    if name.endswith(" default"):
        text = text.replace(f":{place.http_port};", f":{place.http_port} default_server;")
        text = text.replace(" ssl http2;", " ssl http2 default_server;")
    return text
