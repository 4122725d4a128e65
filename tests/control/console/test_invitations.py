"""Links that sign in: once, for a minute, and only for those who have the key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.control.console.asking import KEY, SECRET, Answer, ask, signed

from tidegate.control.console import Console, Invitations
from tidegate.control.console.invitations import CODES_MAX, LIFETIME, SIGNATURES_MAX, Signatures
from tidegate.control.sessions import Sessions
from tidegate.control.settings import RegionSettings
from tidegate.control.store import MemoryDatabase, Store
from tidegate.control.store.tables import ALL
from tidegate.fleet.hosting import CONSOLE_CODES_PATH
from tidegate.testing.clock import FakeClock
from tidegate.testing.ids import SeededIds
from tidegate.wire import Fault
from tidegate.wire.session_tokens import key_of
from tidegate.wire.sigv4 import Claim, Scope

SIGN_IN = "/console/sign-in"


async def _others(*_: object) -> None:
    raise AssertionError("this is the console's")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def console(clock: FakeClock, tmp_path: Path) -> Console:
    return Console(
        store=Store(MemoryDatabase(), ALL),
        clock=clock,
        credentials={KEY: SECRET},
        sessions=Sessions(access_key=KEY, secret_key=SECRET, ids=SeededIds()),
        settings=RegionSettings(region="eu-west-1", account="0" * 12, network="127.80", endpoint="x"),
        started_at=clock.now(),
        otherwise=_others,
        folder=tmp_path,
    )


async def _code(console: Console, clock: FakeClock) -> str:
    answer = await ask(console, CONSOLE_CODES_PATH, headers=signed(CONSOLE_CODES_PATH, clock))
    assert answer.status == 200
    return str(json.loads(answer.body)["code"])


async def _redeem(console: Console, code: object) -> Answer:
    return await ask(console, SIGN_IN, method="POST", body=json.dumps({"code": code}).encode())


async def test_a_head_below_the_prefix_is_the_consoles(console: Console) -> None:
    assert (await ask(console, "/console/", method="HEAD")).status == 404


async def test_a_code_is_exchanged_for_a_session_that_signs(console: Console, clock: FakeClock) -> None:
    answer = await _redeem(console, await _code(console, clock))
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    session = json.loads(answer.body)
    key = key_of(session["accessKeyId"], session["sessionToken"], {KEY: SECRET}.get, clock.now())
    assert key is not None
    assert key.secret_key == session["secretAccessKey"]
    assert session["expiration"] == "2026-01-01T12:00:00+00:00"


async def test_a_code_is_good_once(console: Console, clock: FakeClock) -> None:
    code = await _code(console, clock)
    assert (await _redeem(console, code)).status == 200
    assert (await _redeem(console, code)).status == 403


async def test_a_code_is_good_for_a_minute(console: Console, clock: FakeClock) -> None:
    code = await _code(console, clock)
    clock.advance(LIFETIME.total_seconds())
    answer = await _redeem(console, code)
    assert (answer.status, answer.body) == (
        403,
        b"This link was used already, or is older than a minute: ask for another.\n",
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code": 1}', b'{"code": "guessed"}', b"x" * 2000])
async def test_what_is_no_code_signs_nobody_in(console: Console, body: bytes) -> None:
    assert (await ask(console, SIGN_IN, method="POST", body=body)).status == 403


async def test_a_request_that_somebody_saw_go_by_gets_no_second_code(
    console: Console, clock: FakeClock
) -> None:
    headers = signed(CONSOLE_CODES_PATH, clock)
    assert (await ask(console, CONSOLE_CODES_PATH, headers=headers)).status == 200
    for _ in range(2):
        again = await ask(console, CONSOLE_CODES_PATH, headers=headers)
        assert (again.status, b"answered before" in again.body) == (403, True)
        clock.advance(299)
    assert (await ask(console, CONSOLE_CODES_PATH, headers=signed(CONSOLE_CODES_PATH, clock))).status == 200


def test_so_many_signatures_are_remembered_and_no_presigned_one_is_taken() -> None:
    clock, signatures = FakeClock(), Signatures()
    scope = Scope("AKIA", "20260101", "eu-west-1", "tidegate")
    for number in range(SIGNATURES_MAX):
        signatures.use(Claim(scope, (), str(number), "", None), clock.now())
    more = Claim(scope, (), "one more", "", None)
    with pytest.raises(Fault, match="ThrottlingException"):
        signatures.use(more, clock.now())
    with pytest.raises(Fault, match="presigned"):
        signatures.use(replace(more, lifetime=LIFETIME), clock.now())
    clock.advance(600)
    signatures.use(more, clock.now())


async def test_only_who_has_the_key_gets_a_code(console: Console, clock: FakeClock) -> None:
    assert (await ask(console, CONSOLE_CODES_PATH)).status == 403
    forged = signed(CONSOLE_CODES_PATH, clock, secret="guessed")
    assert (await ask(console, CONSOLE_CODES_PATH, headers=forged)).status == 403
    elsewhere = signed(CONSOLE_CODES_PATH, clock, service="ecs")
    assert (await ask(console, CONSOLE_CODES_PATH, headers=elsewhere)).status == 403


async def test_a_session_gets_no_code_which_would_prolong_it_for_ever(
    console: Console, clock: FakeClock
) -> None:
    session = json.loads((await _redeem(console, await _code(console, clock))).body)
    headers = signed(
        CONSOLE_CODES_PATH,
        clock,
        key=session["accessKeyId"],
        secret=session["secretAccessKey"],
        token=session["sessionToken"],
    )
    answer = await ask(console, CONSOLE_CODES_PATH, headers=headers)
    assert (answer.status, b"session" in answer.body) == (403, True)


def test_so_many_codes_and_no_more_are_good_at_once() -> None:
    clock, invitations = FakeClock(), Invitations()
    for number in range(CODES_MAX):
        invitations.invite(str(number), clock.now())
    with pytest.raises(Fault, match="ThrottlingException"):
        invitations.invite("one more", clock.now())
    clock.advance(LIFETIME.total_seconds())
    invitations.invite("one more", clock.now())
    assert invitations.redeem("one more", clock.now())
