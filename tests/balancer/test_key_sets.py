"""Sets of keys: what is taken of an answer, and when the next one is asked for."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tidegate.balancer.decisions.json_web_keys import is_signed, key_id_of, read_keys
from tidegate.balancer.decisions.key_sets import (
    ASK_AGAIN_SECONDS,
    BYTES_MAX,
    REFRESH_SECONDS,
    RETRY_SECONDS,
    KeySet,
    UnfitKeysError,
    answered,
    failed,
    is_due,
    may_ask,
)

KEY = rsa.generate_private_key(65537, 2048)
SHORT = rsa.generate_private_key(65537, 1024)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())


def public(key: rsa.RSAPrivateKey = KEY, **more: Any) -> dict[str, Any]:
    described: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return described | more


def a_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def test_keys_are_known_by_their_ids() -> None:
    keys = read_keys(a_set(public(kid="a"), public(kid="b", use="sig", alg="RS256")))
    assert list(keys) == ["a", "b"]
    assert keys["a"].startswith("-----BEGIN PUBLIC KEY-----")


def test_a_key_that_is_alone_needs_no_id() -> None:
    assert list(read_keys(a_set(public()))) == [""]
    assert list(read_keys(a_set(public(), public(kid="a")))) == ["a"]


def test_keys_that_check_no_signature_of_ours_are_left_out() -> None:
    elliptic = jwt.algorithms.ECAlgorithm.to_jwk(ELLIPTIC.public_key(), as_dict=True)
    others = (
        elliptic | {"kid": "elliptic"},
        public(kid="encryption", use="enc"),
        public(kid="another algorithm", alg="RS512"),
        public(SHORT, kid="short"),
        {"kty": "RSA", "kid": "broken", "n": "?", "e": "AQAB"},
        public(kid=7),
        public(),
    )
    assert list(read_keys(a_set(*others, public(kid="good")))) == ["good"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<html>", "no set of keys"),
        (b"[]", "no set of keys"),
        (b'{"keys": "x"}', "no set of keys"),
        (b'{"error": "try again later"}', "no set of keys"),
        (a_set(*[{}] * 11), "more than 10 keys"),
        (b" " * (BYTES_MAX + 1), "more than 153600 bytes"),
    ],
)
def test_an_answer_that_is_no_set_or_too_large_is_refused(content: bytes, text: str) -> None:
    with pytest.raises(UnfitKeysError, match=text):
        read_keys(content)


def test_a_set_is_fetched_at_once_then_at_intervals() -> None:
    assert is_due(KeySet(), 0)
    known = answered({"a": "PEM"}, 100)
    assert (list(known.keys or ()), known.fault) == (["a"], "")
    assert not is_due(known, 99 + REFRESH_SECONDS)
    assert is_due(known, 100 + REFRESH_SECONDS)


def test_a_failure_leaves_the_keys_and_is_tried_again_sooner() -> None:
    known = answered({"a": "PEM"}, 100)
    later = failed(known, "away", 200)
    assert (later.keys, later.fault) == (known.keys, "away")
    assert not is_due(later, 199 + RETRY_SECONDS)
    assert is_due(later, 200 + RETRY_SECONDS)
    assert failed(KeySet(), "away", 200).keys is None


def test_an_unknown_key_is_asked_for_only_so_often() -> None:
    assert may_ask(KeySet(), 0)
    known = failed(KeySet(), "away", 100)
    assert not may_ask(known, 99 + ASK_AGAIN_SECONDS)
    assert may_ask(known, 100 + ASK_AGAIN_SECONDS)


def test_a_signature_is_checked_whatever_a_token_claims() -> None:
    pem = read_keys(a_set(public()))[""]
    token = jwt.encode({"exp": 0}, KEY, "RS256", headers={"kid": "a"}).encode()
    assert is_signed(token, pem)
    assert key_id_of(token) == "a"
    assert key_id_of(jwt.encode({}, KEY, "RS256").encode()) == ""
    assert not is_signed(token[:-8] + b"AAAAAAAA", pem)
    assert not is_signed(jwt.encode({}, KEY, "RS512").encode(), pem)
    assert not is_signed(jwt.encode({}, rsa.generate_private_key(65537, 2048), "RS256").encode(), pem)
    with pytest.raises(ValueError, match="no token"):
        key_id_of(b"x")
