"""Certificates over the store: those in use are renewed under their ARN, in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tidegate.control.issuing import issued
from tidegate.control.store.tables import CERTIFICATE_AUTHORITIES, CERTIFICATES, LISTENERS
from tidegate.domain.acm import AMAZON_ISSUED, Certificate
from tidegate.domain.elbv2 import Listener
from tidegate.testing.control import ControlHarness
from tidegate.testing.ids import SeededIds

ARN = "arn:aws:acm:us-east-1:000000000000:certificate/1"
DAY = 24 * 3600.0


@pytest.fixture
async def control() -> ControlHarness:
    """A region with one issued certificate that nobody uses."""
    control = ControlHarness()
    now = control.clock.now()
    new = await issued(control.store, SeededIds(2), ["example.com"], "EC_prime256v1", now)
    row = Certificate(
        arn=ARN,
        domain_name="example.com",
        subject_alternative_names=("example.com",),
        status="ISSUED",
        type=AMAZON_ISSUED,
        certificate_pem=new.certificate_pem,
        chain_pem=new.chain_pem,
        private_key_pem=new.private_key_pem,
        key_algorithm="EC_prime256v1",
        not_before=new.facts.not_before,
        not_after=new.facts.not_after,
        created_at=now,
    )
    await control.put(CERTIFICATES, row)
    return control


def _listener(control: ControlHarness) -> Listener:
    return Listener(
        arn="arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/web/1/2",
        load_balancer_arn="arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/1",
        port=443,
        protocol="HTTPS",
        default_actions=(),
        created_at=control.clock.now(),
        certificate_arns=(ARN,),
    )


def _row(control: ControlHarness) -> Certificate:
    row = control.store.snapshot.get(CERTIFICATES, ARN)
    assert row is not None
    return row


async def _pass(control: ControlHarness, days: float) -> None:
    control.clock.advance(days * DAY)
    await control.driver.settle()


async def test_a_certificate_in_use_is_renewed_forty_five_days_before_its_end(
    control: ControlHarness,
) -> None:
    await control.put(LISTENERS, _listener(control))
    before = _row(control)
    await _pass(control, 152.9)
    assert _row(control) == before
    await _pass(control, 0.2)
    after = _row(control)
    assert after.renewed_at == control.clock.now()
    assert after.not_after > before.not_after
    assert after.certificate_pem != before.certificate_pem
    assert after.private_key_pem != before.private_key_pem
    assert after.chain_pem == before.chain_pem
    assert (after.arn, after.names, after.key_algorithm) == (before.arn, before.names, before.key_algorithm)


async def test_renewing_again_at_once_changes_nothing(control: ControlHarness) -> None:
    await control.put(LISTENERS, _listener(control))
    await _pass(control, 160)
    renewed = _row(control)
    await _pass(control, 1)
    assert _row(control) == renewed


async def test_one_that_nobody_uses_is_renewed_when_a_listener_takes_it(control: ControlHarness) -> None:
    before = _row(control)
    await _pass(control, 250)
    assert _row(control) == before
    await control.put(LISTENERS, _listener(control))
    assert _row(control).not_after > control.clock.now()


async def test_a_restart_keeps_the_authority(control: ControlHarness) -> None:
    (root,) = control.store.snapshot.all(CERTIFICATE_AUTHORITIES)
    control.restart()
    await control.put(LISTENERS, _listener(control))
    await _pass(control, 160)
    assert list(control.store.snapshot.all(CERTIFICATE_AUTHORITIES)) == [root]
    assert _row(control).chain_pem == root.certificate_pem


async def test_an_authority_near_its_end_is_replaced_before_it_issues(control: ControlHarness) -> None:
    (root,) = control.store.snapshot.all(CERTIFICATE_AUTHORITIES)
    old = replace(root, not_after=control.clock.now() + timedelta(days=300))
    await control.put(CERTIFICATE_AUTHORITIES, old)
    await control.put(LISTENERS, _listener(control))
    await _pass(control, 160)
    (new,) = control.store.snapshot.all(CERTIFICATE_AUTHORITIES)
    assert new.not_after > old.not_after
    assert _row(control).chain_pem == new.certificate_pem
