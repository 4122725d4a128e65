"""Which ports listeners get, where this user may not bind those below 1024 and where he may."""

from __future__ import annotations

import errno
from collections.abc import Collection
from typing import Any

from tests.balancer.lab import PREFIX, fixed, listener, replace

from tidegate.balancer.listeners import Bindings, bind
from tidegate.balancer.ports import Place, Probe
from tidegate.fleet.balancing import EdgeCertificate, EdgeDocument, EdgeListener, EdgeLoadBalancer, EdgeTls

SHARED = "127.0.0.1"
TLS = EdgeTls(certificates=("c",), policy="p", protocols=("TLSv1.2",), ciphers=("a",))


def unprivileged(taken: Collection[Place] = ()) -> Probe:
    """As for a user without the right to ports below 1024."""

    def probe(place: Place) -> OSError | None:
        if place[1] < 1024:
            return PermissionError(errno.EACCES, "Permission denied")
        return OSError(errno.EADDRINUSE, "Address already in use") if place in taken else None

    return probe


def load_balancer(name: str, *listeners: EdgeListener, **fields: Any) -> EdgeLoadBalancer:
    return EdgeLoadBalancer(
        **{
            "arn": f"{PREFIX}:loadbalancer/app/{name}/1",
            "name": name,
            "dns_name": f"{name}.elb.localhost",
            "address": f"127.99.1.{len(name)}",
            "listeners": tuple(replace(one, arn=f"{one.arn}{name}") for one in listeners),
            **fields,
        }
    )


def http(port: int) -> EdgeListener:
    return listener(default=fixed(), port=port)


def https(port: int) -> EdgeListener:
    return listener(default=fixed(), port=port, protocol="HTTPS", tls=TLS)


def bound(*balancers: EdgeLoadBalancer, probe: Probe = lambda _: None, **known: Any) -> Bindings:
    certificates = (EdgeCertificate(arn="c", pem=""),)
    edge = EdgeDocument(generation=1, load_balancers=balancers, certificates=certificates)
    return bind(edge, known.pop("held", ()), probe=probe, **known)


def own(found: Bindings) -> list[tuple[int, str | None]]:
    return [(one.port, one.error) for one in found.own]


def by_name(found: Bindings) -> list[tuple[int, str | None]]:
    return [(one.port, one.error) for one in found.by_name]


def test_a_port_that_may_not_be_bound_is_stood_in_for() -> None:
    found = bound(load_balancer("a", http(80)), probe=unprivileged())
    assert own(found) == by_name(found) == [(8080, None)]


def test_the_listener_whose_own_port_it_is_goes_before_one_that_it_would_stand_in_for() -> None:
    a = load_balancer("a", http(80), http(8080))
    for held in ((), {(a.address, 8080), (SHARED, 8080)}):
        found = bound(a, probe=unprivileged(), held=held)
        assert own(found) == [(80, f"{a.address}:8080: the listener of port 8080 has it"), (8080, None)]
        assert by_name(found) == [(80, f"{SHARED}:8080: the listener of port 8080 has it"), (8080, None)]
        assert [one.listener.port for one in found.bound] == [8080]
    assert own(bound(a)) == [(80, None), (8080, None)]


def test_a_port_that_stands_in_speaks_one_protocol_too() -> None:
    secure, plain = load_balancer("a", https(443)), load_balancer("bb", http(8443))
    found = bound(secure, plain, probe=unprivileged())
    assert own(found) == [(8443, None), (8443, None)]
    error = f"{SHARED}:8443: speaks HTTP, for another load balancer"
    assert by_name(found) == [(443, error), (8443, None)]
    assert by_name(bound(secure, plain)) == [(443, None), (8443, None)]


def test_load_balancers_share_a_port_by_name_though_it_stands_in_for_one() -> None:
    found = bound(load_balancer("a", http(80)), load_balancer("bb", http(8080)), probe=unprivileged())
    assert own(found) == by_name(found) == [(8080, None), (8080, None)]
    assert found.places == {("127.99.1.1", 8080), ("127.99.1.2", 8080), (SHARED, 8080)}


def test_an_address_that_two_have_gives_each_port_once() -> None:
    a, b = load_balancer("a", http(8123)), load_balancer("bb", http(8123), address="127.99.1.1")
    assert own(bound(a, b)) == [(8123, None), (8123, "127.99.1.1:8123: the listener of port 8123 has it")]


def test_a_listener_that_waits_for_its_certificate_takes_no_port() -> None:
    waiting = replace(https(8123), tls=replace(TLS, certificates=("not there",)))
    found = bound(load_balancer("a", waiting), load_balancer("bb", http(8123)))
    assert [error is None for _, error in own(found)] == [False, True]
    assert by_name(found) == [(8123, None)]


def test_what_haproxy_could_not_have_is_taken_as_somebody_elses() -> None:
    a = load_balancer("a", http(8123), http(8124))
    found = bound(a, refused={(a.address, 8123)})
    assert own(found) == [(8123, f"{a.address}:8123: Address already in use"), (8124, None)]
    assert by_name(found) == [(8123, None), (8124, None)]
    assert found.taken == {(a.address, 8123)}


def test_what_somebody_else_has_is_told_and_what_haproxy_has_is_not_asked_for() -> None:
    a = load_balancer("a", http(80))
    taken = {(a.address, 8080), (SHARED, 8080)}
    assert bound(a, probe=unprivileged(taken)).taken == taken
    assert bound(a, probe=unprivileged(taken), held=taken).taken == frozenset()
