"""The action that asks for a token."""

from __future__ import annotations

from typing import Any

import pytest

ANSWER = {"Type": "fixed-response", "Order": 2, "FixedResponseConfig": {"StatusCode": "200"}}
ISSUER = {"JwksEndpoint": "https://id.example.com/jwks.json", "Issuer": "id.example.com"}
CLAIMS = [
    {"Format": "single-string", "Name": "aud", "Values": ["shop"]},
    {"Format": "string-array", "Name": "roles", "Values": ["admin", "sales person"]},
    {"Format": "space-separated-values", "Name": "scope", "Values": ["read", "write"]},
]


def _validate(client: Any, listener: str, **more: Any) -> dict[str, Any]:
    action = {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": {**ISSUER, **more}}
    changed = client.modify_listener(ListenerArn=listener, DefaultActions=[action, ANSWER])
    described: dict[str, Any] = changed["Listeners"][0]["DefaultActions"][0]
    return described


def test_a_validation_is_described_as_it_was_sent(client: Any, secure_listener: str) -> None:
    plain = {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": ISSUER}
    assert _validate(client, secure_listener) == plain
    described = _validate(client, secure_listener, AdditionalClaims=CLAIMS)
    assert described["JwtValidationConfig"] == {**ISSUER, "AdditionalClaims": CLAIMS}
    (read,) = client.describe_listeners(ListenerArns=[secure_listener])["Listeners"]
    assert read["DefaultActions"][0] == described


def _claim(**more: Any) -> dict[str, Any]:
    return {"AdditionalClaims": [{"Format": "single-string", "Name": "aud", "Values": ["shop"], **more}]}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"JwksEndpoint": "http://id/jwks"}, "The 'http://id/jwks' URL is not valid"),
        ({"JwksEndpoint": "https://id/" + "x" * 250}, "The 'JWKS endpoint' field must be between 1 and 256"),
        ({"Issuer": ""}, "The 'issuer' field must be between 1 and 256 characters in length"),
        ({"Issuer": "x" * 257}, "The 'issuer' field must be between 1 and 256 characters in length"),
        ({"AdditionalClaims": CLAIMS * 4}, "You can specify up to 10 additional claims"),
        (_claim(Name="exp"), "The claim 'exp' cannot be specified as an additional claim"),
        (_claim(Name="iss"), "The claim 'iss' cannot be specified as an additional claim"),
        (_claim(Name="x" * 257), "The 'claim name' field must be between 1 and 256"),
        (_claim(Values=[]), "A claim must have between 1 and 10 values"),
        (_claim(Values=["x"] * 11), "A claim must have between 1 and 10 values"),
        (_claim(Values=["x" * 257]), "The 'claim value' field must be between 1 and 256"),
        (
            _claim(Format="space-separated-values", Values=["a b"]),
            "The claim value 'a b' cannot include spaces",
        ),
    ],
)
def test_what_no_token_could_meet_is_refused(
    client: Any, refused: Any, secure_listener: str, settings: dict[str, Any], text: str
) -> None:
    with refused("InvalidLoadBalancerAction", text):
        _validate(client, secure_listener, **settings)


def test_what_the_model_bounds_is_refused_in_its_words(
    client: Any, refused: Any, secure_listener: str
) -> None:
    with refused("ValidationError", "Member must satisfy enum value set: .single-string, string-array"):
        _validate(client, secure_listener, **_claim(Format="number"))


def test_tokens_are_asked_for_over_tls_only(client: Any, refused: Any, listener: str) -> None:
    text = "Actions of type 'jwt-validation' are supported only on HTTPS listeners"
    with refused("InvalidLoadBalancerAction", text):
        _validate(client, listener)


def test_a_token_and_a_login_exclude_each_other(client: Any, refused: Any, secure_listener: str) -> None:
    login = {
        "Type": "authenticate-cognito",
        "Order": 1,
        "AuthenticateCognitoConfig": {
            "UserPoolArn": "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_a",
            "UserPoolClientId": "shop",
            "UserPoolDomain": "shop",
        },
    }
    token = {"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": ISSUER}
    text = "Action types 'authenticate-cognito,jwt-validation' cannot be specified together"
    with refused("ValidationError", text):
        client.modify_listener(ListenerArn=secure_listener, DefaultActions=[login, token, ANSWER])
