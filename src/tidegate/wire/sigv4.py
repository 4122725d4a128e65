"""Signature Version 4: verification of what clients send, signing of what our own processes send.

Source: AWS's "Create a signed AWS API request". Credentials come in the Authorization header, or in the
query of a presigned URL. The signed headers are whatever the request says they are, since every client
signs others, as long as what the request means hangs on signed ones (`_MUST_BE_SIGNED`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote

from tidegate.wire.faults import Fault

SKEW_MAX = timedelta(minutes=5)
PRESIGNED_SECONDS_MAX = 7 * 24 * 3600

_ALGORITHM = "AWS4-HMAC-SHA256"
_TERMINATOR = "aws4_request"
_UNRESERVED = "-_.~"
_IN_PATH = "/" + _UNRESERVED
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_STAMP = re.compile("[0-9]{8}T[0-9]{6}Z")
# Where one of these is sent unsigned, whoever sits between could change what the request does.
_MUST_BE_SIGNED = ("x-amz-date", "x-amz-target", "x-amz-security-token")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """The parts of a request that a signature covers. Header names in lower case; `query` as it came;
    `path` decoded."""

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
        return f"{self.date}/{self.region}/{self.service}/{_TERMINATOR}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its signature, nothing of it verified. `lifetime` is a presigned URL's."""

    scope: Scope
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    lifetime: timedelta | None


def authenticate(request: SignedRequest, secret_key_of: Callable[[str], str | None], now: datetime) -> Scope:
    """The scope of a correctly signed request; raises Fault as `claimed` and `verify` do."""
    claim = claimed(request.headers, request.query)
    verify(claim, request, secret_key_of, now)
    return claim.scope


def claimed(headers: Mapping[str, str], query: str) -> Claim:
    """What a request claims. Raises Fault: MissingAuthenticationToken, IncompleteSignature."""
    authorization = headers.get("authorization")
    if authorization is not None:
        return _header_claim(authorization, headers)
    parameters = dict(parse_qsl(query, keep_blank_values=True)) if "X-Amz-Algorithm" in query else {}
    if not parameters:
        raise Fault("MissingAuthenticationToken", "Missing Authentication Token", 403)
    return _query_claim(parameters)


def verify(
    claim: Claim, request: SignedRequest, secret_key_of: Callable[[str], str | None], now: datetime
) -> None:
    """Hold a claim against its request.

    Raises Fault: InvalidClientTokenId (an unknown key), RequestExpired (a clock more than five minutes
    off, or a presigned URL past its time), SignatureDoesNotMatch.
    """
    secret = secret_key_of(claim.scope.access_key_id)
    if secret is None:
        raise Fault("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    _check_time(claim, now)
    unsigned = [n for n in _MUST_BE_SIGNED if n in request.headers and n not in claim.signed_headers]
    expected = _signature(secret, claim.scope, claim.timestamp, _canonical(request, claim.signed_headers))
    # Compared as bytes: hmac refuses text beyond ASCII, which a header may hold.
    is_equal = hmac.compare_digest(expected.encode(), claim.signature.encode())
    if unsigned or not is_equal:
        raise Fault(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.",
            403,
        )


def check_service(claim: Claim, signing_name: str) -> None:
    """Raise Fault SignatureDoesNotMatch where the claim is scoped to another service."""
    if claim.scope.service != signing_name:
        text = f"Credential should be scoped to correct service: '{signing_name}'. "
        raise Fault("SignatureDoesNotMatch", text, 403)


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
    timestamp = now.astimezone(UTC).strftime(_TIME_FORMAT)
    signed = {name.lower(): value for name, value in (headers or {}).items()}
    signed |= {"host": host, "x-amz-date": timestamp}
    request = SignedRequest(method=method, path=path, query=_encoded(query), headers=signed, body=body)
    names = tuple(sorted(signed))
    scope = Scope(access_key_id, timestamp[:8], region, service)
    signature = _signature(secret_key, scope, timestamp, _canonical(request, names))
    credential = f"{access_key_id}/{scope.text}"
    return {
        "Host": host,
        "X-Amz-Date": timestamp,
        "Authorization": (
            f"{_ALGORITHM} Credential={credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
        ),
    }


def presigned_query(
    *,
    host: str,
    path: str,
    service: str,
    region: str,
    access_key_id: str,
    secret_key: str,
    lifetime: timedelta,
    now: datetime,
) -> str:
    """The query that makes a GET of this path good for a while, with no further header or key."""
    timestamp = now.astimezone(UTC).strftime(_TIME_FORMAT)
    scope = Scope(access_key_id, timestamp[:8], region, service)
    query = _encoded(
        [
            ("X-Amz-Algorithm", _ALGORITHM),
            ("X-Amz-Credential", f"{access_key_id}/{scope.text}"),
            ("X-Amz-Date", timestamp),
            ("X-Amz-Expires", str(int(lifetime.total_seconds()))),
            ("X-Amz-SignedHeaders", "host"),
        ]
    )
    request = SignedRequest(method="GET", path=path, query=query, headers={"host": host}, body=b"")
    signature = _signature(secret_key, scope, timestamp, _canonical(request, ("host",)))
    return f"{query}&X-Amz-Signature={signature}"


def _header_claim(authorization: str, headers: Mapping[str, str]) -> Claim:
    algorithm, _, rest = authorization.partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    timestamp = headers.get("x-amz-date", "")
    wanted = {name: fields.get(name, "") for name in ("Credential", "Signature", "SignedHeaders")}
    missing = [
        f"Authorization header requires '{name}' parameter." for name, value in wanted.items() if not value
    ]
    if algorithm != _ALGORITHM or missing or not timestamp:
        missing += [] if timestamp else ["Authorization header requires existence of a 'X-Amz-Date' header."]
        raise Fault("IncompleteSignature", " ".join([*missing, f"Authorization={algorithm}"]), 400)
    return _claim(wanted["Credential"], wanted["SignedHeaders"], wanted["Signature"], timestamp, None)


def _query_claim(parameters: Mapping[str, str]) -> Claim:
    names = ("Algorithm", "Credential", "Date", "Expires", "Signature", "SignedHeaders")
    algorithm, credential, timestamp, expires, signature, signed_headers = (
        parameters.get(f"X-Amz-{name}", "") for name in names
    )
    is_number = expires.isascii() and expires.isdecimal() and len(expires) < 10
    if algorithm != _ALGORITHM or not (is_number and signature and signed_headers):
        text = "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', "
        text += "'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date' and 'X-Amz-Expires'."
        raise Fault("IncompleteSignature", text, 400)
    lifetime = timedelta(seconds=min(int(expires), PRESIGNED_SECONDS_MAX))
    return _claim(credential, signed_headers, signature, timestamp, lifetime)


def _claim(
    credential: str, signed_headers: str, signature: str, timestamp: str, lifetime: timedelta | None
) -> Claim:
    parts = credential.split("/")
    names = tuple(signed_headers.split(";"))
    if len(parts) != 5 or parts[4] != _TERMINATOR:
        text = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        raise Fault("IncompleteSignature", f"{text}, got '{credential}'", 400)
    if "host" not in names:
        raise Fault("IncompleteSignature", "'Host' must be a 'SignedHeader' in the AWS Authorization.", 400)
    return Claim(Scope(*parts[:4]), names, signature, timestamp, lifetime)


def _check_time(claim: Claim, now: datetime) -> None:
    stamp = claim.timestamp
    if _STAMP.fullmatch(stamp) is None:
        text = f"Date must be in ISO-8601 'basic format'. Got '{stamp}'."
        raise Fault("IncompleteSignature", text, 400)
    try:
        signed_at = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise Fault("IncompleteSignature", f"There is no such date: '{stamp}'.", 400) from error
    if stamp[:8] != claim.scope.date:
        text = f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: '{stamp}'."
        raise Fault("SignatureDoesNotMatch", text, 403)
    if signed_at - now > SKEW_MAX:
        limit = (now + SKEW_MAX).strftime(_TIME_FORMAT)
        text = f"Signature not yet current: {stamp} is still later than {limit} ({_text(now)} + 5 min.)"
        raise Fault("RequestExpired", text, 400)
    lifetime = SKEW_MAX if claim.lifetime is None else claim.lifetime
    if now - signed_at > lifetime:
        limit = (now - lifetime).strftime(_TIME_FORMAT)
        minutes = f"{lifetime.total_seconds() / 60:g}"
        text = f"Signature expired: {stamp} is now earlier than {limit} ({_text(now)} - {minutes} min.)"
        raise Fault("RequestExpired", text, 400)


def _text(moment: datetime) -> str:
    return moment.strftime(_TIME_FORMAT)


def _canonical(request: SignedRequest, names: Sequence[str]) -> str:
    query = ""
    if request.query:
        # Spaces come as `+` or %20 and are signed as %20; a presigned URL's signature is not in itself.
        pairs = parse_qsl(request.query, keep_blank_values=True)
        query = _encoded(sorted(pair for pair in pairs if pair[0] != "X-Amz-Signature"))
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    # Every service but S3 signs the path as it is sent, and encoded once more.
    path = quote(quote(request.path, safe=_IN_PATH), safe=_IN_PATH) or "/"
    # The body's own hash, whatever X-Amz-Content-Sha256 claims: where they differ the signature fails.
    digest = hashlib.sha256(request.body).hexdigest()
    return "\n".join((request.method, path, query, headers, ";".join(names), digest))


def _encoded(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(
        f"{quote(name, safe=_UNRESERVED)}={quote(value, safe=_UNRESERVED)}" for name, value in pairs
    )


def _signature(secret: str, scope: Scope, timestamp: str, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join((_ALGORITHM, timestamp, scope.text, digest))
    return hmac.new(_signing_key(secret, scope), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=256)
def _signing_key(secret: str, scope: Scope) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (scope.date, scope.region, scope.service, _TERMINATOR):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
