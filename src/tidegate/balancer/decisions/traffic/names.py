"""What HAProxy's names stand for: listeners, answers of rules, target groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.balancer.decisions.configuration.answers import answer_name
from tidegate.balancer.decisions.configuration.frontends import frontend_name
from tidegate.balancer.decisions.configuration.rules.numbers import number_of
from tidegate.balancer.decisions.servers import backend_name
from tidegate.fleet.balancing import EdgeDocument, EdgeListener, EdgeLoadBalancer


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A listener. `balancer`: as in the dimension LoadBalancer. `rules`: the numbers of its rules but the
    default one, in their order. `validated`: of those that ask for a token, the default one among them.
    `drops_invalid_headers`, or forwards them."""

    balancer: str
    rules: tuple[int, ...]
    validated: frozenset[int] = frozenset()
    drops_invalid_headers: bool = False

    @property
    def invalid_headers(self) -> str:
        """The metric of requests with such headers."""
        return f"{'Dropped' if self.drops_invalid_headers else 'Forwarded'}InvalidHeaderRequestCount"

    def evaluated(self, matched: int | None) -> int:
        """How many rules are looked at until one matches; the default one does not count."""
        return 0 if matched is None else sum(number <= matched for number in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`fronts` by frontend; `answers`: the actions' types by backends that answer by themselves; `groups`:
    as in the dimension TargetGroup, by backend; `owners`: the load balancers of target groups;
    `zones` of each load balancer, by its dimension."""

    fronts: Mapping[str, Front] = field(default_factory=dict[str, Front])
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    groups: Mapping[str, str] = field(default_factory=dict[str, str])
    owners: Mapping[str, str] = field(default_factory=dict[str, str])
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def after(self, earlier: Names) -> Names:
        """With what these names have replaced: lines of that may still come."""
        return Names(
            fronts={**earlier.fronts, **self.fronts},
            answers={**earlier.answers, **self.answers},
            groups={**earlier.groups, **self.groups},
            owners=self.owners,
            zones={**earlier.zones, **self.zones},
        )


def names(edge: EdgeDocument) -> Names:
    listeners = [(balancer, one) for balancer in edge.load_balancers for one in balancer.listeners]
    return Names(
        fronts={frontend_name(one.arn): _front(balancer, one) for balancer, one in listeners},
        answers={
            answer_name(frontend_name(one.arn), rule): rule.action.type
            for _, one in listeners
            for rule in one.rules
            if rule.action.type != "forward"
        },
        groups={backend_name(arn): group_dimension(arn) for arn in edge.target_groups},
        owners={
            group_dimension(arn): balancer_dimension(balancer.arn)
            for balancer, one in listeners
            for arn in one.target_groups
        },
        zones={balancer_dimension(one.arn): one.zones for one in edge.load_balancers},
    )


def balancer_dimension(arn: str) -> str:
    """`app/NAME/ID`"""
    return arn.partition(":loadbalancer/")[2]


def group_dimension(arn: str) -> str:
    """`targetgroup/NAME/ID`"""
    return arn.rpartition(":")[2]


def _front(balancer: EdgeLoadBalancer, listener: EdgeListener) -> Front:
    rules = tuple(sorted(number_of(rule) for rule in listener.rules[:-1]))
    return Front(
        balancer=balancer_dimension(balancer.arn),
        rules=rules,
        validated=frozenset(number_of(rule) for rule in listener.rules if rule.token_validation is not None),
        drops_invalid_headers=balancer.drops_invalid_headers,
    )
