"""Signature Version 4: verification of what clients send, signing of what our own nodes send.

Source: AWS's "Create a signed AWS API request". Credentials come in the Authorization header, or in the
query of a presigned URL. The signed headers are whatever the request says they are.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote

from tidegate.wire.faults import Fault

SKEW_MAX = timedelta(minutes=5)
_ALGORITHM = "AWS4-HMAC-SHA256"
_EMPTY_HASH = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """The parts of a request that a signature covers. Header names in lower case; `query` as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Scope:
    """The credential scope: who signed, for which day, region and service."""

    access_key_id: str
    date: str
    region: str
    service: str

    @property
    def text(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True, slots=True)
class _Claim:
    scope: Scope
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    expires: timedelta | None


def authenticate(request: SignedRequest, secret_key_of: Callable[[str], str | None], now: datetime) -> Scope:
    """The scope of a correctly signed request.

    Raises Fault: MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId (an unknown
    key), RequestExpired (more than five minutes off), SignatureDoesNotMatch.
    """
    claim = _claim(request)
    secret = secret_key_of(claim.scope.access_key_id)
    if secret is None:
        raise Fault(
            "InvalidClientTokenId", "The security token included in the request is invalid.", status=403
        )
    _check_time(claim, now)
    canonical = _canonical_request(request, claim.signed_headers, is_presigned=claim.expires is not None)
    expected = _signature(secret, claim.scope, claim.timestamp, canonical)
    if not hmac.compare_digest(expected, claim.signature):
        raise Fault(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
            status=403,
        )
    return claim.scope


def peek_scope(headers: Mapping[str, str], query: str) -> Scope | None:
    """The scope that a request claims, unverified: for choosing the service."""
    try:
        return _claim(SignedRequest(method="", path="", query=query, headers=headers, body=b"")).scope
    except Fault:
        return None


def sign_headers(
    *,
    method: str,
    host: str,
    path: str,
    query: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    service: str,
    region: str,
    access_key_id: str,
    secret_key: str,
    now: datetime,
) -> dict[str, str]:
    """The headers to add to a request so that it is signed: Host, X-Amz-Date and Authorization."""
    timestamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {name.lower(): value for name, value in (headers or {}).items()}
    signed |= {"host": host, "x-amz-date": timestamp}
    text = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)
    request = SignedRequest(method=method, path=path, query=text, headers=signed, body=body)
    names = tuple(sorted(signed))
    scope = Scope(access_key_id, timestamp[:8], region, service)
    canonical = _canonical_request(request, names, is_presigned=False)
    signature = _signature(secret_key, scope, timestamp, canonical)
    credential = f"{access_key_id}/{scope.text}"
    return {
        "Host": host,
        "X-Amz-Date": timestamp,
        "Authorization": (
            f"{_ALGORITHM} Credential={credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
        ),
    }


def _claim(request: SignedRequest) -> _Claim:
    authorization = request.headers.get("authorization", "")
    if authorization.startswith(_ALGORITHM):
        fields = dict(
            part.strip().split("=", 1) for part in authorization[len(_ALGORITHM) :].split(",") if "=" in part
        )
        timestamp = request.headers.get("x-amz-date", "")
        expires = None
    else:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        if query.get("X-Amz-Algorithm") != _ALGORITHM:
            raise Fault("MissingAuthenticationToken", "Missing Authentication Token", status=403)
        names = {"Credential": "X-Amz-Credential", "SignedHeaders": "X-Amz-SignedHeaders"}
        fields = {name: query.get(parameter, "") for name, parameter in names.items()}
        fields["Signature"] = query.get("X-Amz-Signature", "")
        timestamp = query.get("X-Amz-Date", "")
        seconds = query.get("X-Amz-Expires", "")
        expires = timedelta(seconds=min(int(seconds), 604800)) if seconds.isdigit() else timedelta()
    credential = fields.get("Credential", "").split("/")
    headers = tuple(fields.get("SignedHeaders", "").split(";"))
    if len(credential) != 5 or not fields.get("Signature") or not timestamp or "host" not in headers:
        raise Fault(
            "IncompleteSignature",
            "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters and a "
            "'X-Amz-Date' header.",
            status=400,
        )
    return _Claim(Scope(*credential[:4]), headers, fields["Signature"], timestamp, expires)


def _check_time(claim: _Claim, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(claim.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Fault("IncompleteSignature", "Date must be in ISO-8601 'basic format'.", status=400) from error
    lifetime = claim.expires if claim.expires is not None else SKEW_MAX
    if signed_at - now > SKEW_MAX or now - signed_at > lifetime:
        raise Fault(
            "RequestExpired",
            f"Signature expired: {claim.timestamp} is not within the allowed time of "
            f"{now.strftime('%Y%m%dT%H%M%SZ')} (5 min.)",
            status=400,
        )


def _canonical_request(request: SignedRequest, names: Sequence[str], *, is_presigned: bool) -> str:
    pairs = [
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(request.query, keep_blank_values=True)
        if name != "X-Amz-Signature"
    ]
    query = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    claimed = request.headers.get("x-amz-content-sha256")
    if is_presigned and claimed is None and not request.body:
        digest = _EMPTY_HASH
    else:
        # A claimed hash that is not the body's own makes the signature fail, as it should.
        digest = hashlib.sha256(request.body).hexdigest()
    path = quote(request.path, safe="/-_.~") or "/"
    return "\n".join((request.method, path, query, headers, ";".join(names), digest))


def _signature(secret: str, scope: Scope, timestamp: str, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join((_ALGORITHM, timestamp, scope.text, digest))
    return hmac.new(_signing_key(secret, scope), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=256)
def _signing_key(secret: str, scope: Scope) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
