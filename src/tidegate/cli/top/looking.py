"""Looks at a region through ECS, ELBv2 and CloudWatch, as any client of theirs could."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tidegate.cli.top.points import Points, Wanted
from tidegate.cli.top.seen import BalancerSeen, Seen, ServiceSeen, TargetGroupSeen, TargetSeen

# As many as one call takes.
_SERVICES_A_CALL = 10
_QUERIES_A_CALL = 500
# Points are looked for so far back: agents report every 20 seconds.
_BACK = timedelta(seconds=70)
PERIOD_SECONDS = 10

ELB, ECS = "AWS/ApplicationELB", "AWS/ECS"


class Looking:
    """`client` gives the client of a service by its name; `now` the time."""

    def __init__(self, client: Callable[[str], Any], now: Callable[[], datetime] = lambda: datetime.now(UTC)):
        self._ecs, self._elbv2, self._cloudwatch = (client(name) for name in ("ecs", "elbv2", "cloudwatch"))
        self._now = now

    def look(self) -> Seen:
        """What is there now. Raises ClientError and BotoCoreError."""
        at = self._now()
        services = list(self._services())
        balancers = _all(self._elbv2, "describe_load_balancers", "LoadBalancers")
        groups = [
            group
            for group in _all(self._elbv2, "describe_target_groups", "TargetGroups")
            if group["LoadBalancerArns"]
        ]
        names = {balancer["LoadBalancerArn"]: balancer["LoadBalancerName"] for balancer in balancers}
        points = self._points(list(_wanted(services, groups, balancers)), at)
        return Seen(
            at=at,
            services=tuple(_service(cluster, service, points) for cluster, service in services),
            groups=tuple(
                _group(group, names.get(group["LoadBalancerArns"][0], ""), self._targets(group), points)
                for group in sorted(groups, key=lambda group: str(group["TargetGroupName"]))
            ),
            balancers=tuple(
                _balancer(balancer, points)
                for balancer in sorted(balancers, key=lambda one: str(one["LoadBalancerName"]))
            ),
            alarms=tuple(
                sorted(
                    alarm["AlarmName"]
                    for kind in ("MetricAlarms", "CompositeAlarms")
                    for alarm in _all(
                        self._cloudwatch,
                        "describe_alarms",
                        kind,
                        StateValue="ALARM",
                        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                    )
                )
            ),
        )

    def _services(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """With the name of the cluster of each."""
        for cluster in sorted(_all(self._ecs, "list_clusters", "clusterArns")):
            arns = sorted(_all(self._ecs, "list_services", "serviceArns", cluster=cluster))
            for first in range(0, len(arns), _SERVICES_A_CALL):
                some = arns[first : first + _SERVICES_A_CALL]
                found = self._ecs.describe_services(cluster=cluster, services=some)["services"]
                yield from ((cluster.rpartition("/")[2], service) for service in found)

    def _targets(self, group: Mapping[str, Any]) -> tuple[TargetSeen, ...]:
        described = self._elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
        return tuple(
            TargetSeen(
                name=f"{one['Target']['Id']}:{one['Target']['Port']}",
                state=one["TargetHealth"]["State"],
                reason=one["TargetHealth"].get("Reason", ""),
            )
            for one in described["TargetHealthDescriptions"]
        )

    def _points(self, wanted: Sequence[Wanted], at: datetime) -> Points:
        queries = [
            {
                "Id": f"q{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": one.namespace,
                        "MetricName": one.name,
                        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
                    },
                    "Period": PERIOD_SECONDS,
                    "Stat": one.statistic,
                },
            }
            for number, one in enumerate(wanted)
        ]
        found: dict[Wanted, Mapping[datetime, float]] = {}
        for first in range(0, len(queries), _QUERIES_A_CALL):
            results = _all(
                self._cloudwatch,
                "get_metric_data",
                "MetricDataResults",
                MetricDataQueries=queries[first : first + _QUERIES_A_CALL],
                StartTime=at - _BACK,
                EndTime=at,
            )
            for result in results:
                points = dict(zip(result["Timestamps"], result["Values"], strict=True))
                key = wanted[int(result["Id"][1:])]
                found[key] = {**found.get(key, {}), **points}
        return Points(found, at, PERIOD_SECONDS)


def _all(client: Any, operation: str, member: str, **asked: Any) -> list[Any]:
    """A member of all pages of an answer."""
    pages = client.get_paginator(operation).paginate(**asked)
    return [one for page in pages for one in page.get(member, ())]


def _of_service(cluster: str, service: Mapping[str, Any], name: str) -> Wanted:
    dimensions = (("ClusterName", cluster), ("ServiceName", str(service["serviceName"])))
    return Wanted(ECS, name, dimensions, "Average")


def _of_group(group: Mapping[str, Any], name: str, statistic: str = "Sum") -> Wanted:
    balancer = group["LoadBalancerArns"][0].partition("loadbalancer/")[2]
    dimensions = (("LoadBalancer", balancer), ("TargetGroup", group["TargetGroupArn"].rpartition(":")[2]))
    return Wanted(ELB, name, dimensions, statistic)


def _of_balancer(balancer: Mapping[str, Any], name: str) -> Wanted:
    return Wanted(
        ELB, name, (("LoadBalancer", balancer["LoadBalancerArn"].partition("loadbalancer/")[2]),), "Sum"
    )


_BALANCERS = ("RequestCount", "HTTPCode_ELB_5XX_Count", "ActiveConnectionCount", "NewConnectionCount")


def _wanted(
    services: Sequence[tuple[str, Mapping[str, Any]]],
    groups: Sequence[Mapping[str, Any]],
    balancers: Sequence[Mapping[str, Any]],
) -> Iterator[Wanted]:
    for cluster, service in services:
        yield _of_service(cluster, service, "CPUUtilization")
        yield _of_service(cluster, service, "MemoryUtilization")
    for group in groups:
        yield _of_group(group, "RequestCount")
        yield _of_group(group, "HTTPCode_Target_5XX_Count")
        yield _of_group(group, "TargetResponseTime", "p95")
    for balancer in balancers:
        yield from (_of_balancer(balancer, name) for name in (*_BALANCERS, "ProcessedBytes"))


def _service(cluster: str, service: Mapping[str, Any], points: Points) -> ServiceSeen:
    deployments = service["deployments"]
    return ServiceSeen(
        cluster=cluster,
        name=service["serviceName"],
        desired=service["desiredCount"],
        running=service["runningCount"],
        pending=service["pendingCount"],
        rollout=deployments[0]["rolloutState"] if deployments else service["status"],
        deployments=len(deployments),
        cpu=points.newest(_of_service(cluster, service, "CPUUtilization")),
        memory=points.newest(_of_service(cluster, service, "MemoryUtilization")),
    )


def _group(
    group: Mapping[str, Any], balancer: str, targets: tuple[TargetSeen, ...], points: Points
) -> TargetGroupSeen:
    requests = points.rate(_of_group(group, "RequestCount"))
    return TargetGroupSeen(
        name=group["TargetGroupName"],
        balancer=balancer,
        targets=targets,
        requests=requests,
        errors=_beside(requests, points.rate(_of_group(group, "HTTPCode_Target_5XX_Count"))),
        p95=points.recent(_of_group(group, "TargetResponseTime", "p95")),
    )


def _balancer(balancer: Mapping[str, Any], points: Points) -> BalancerSeen:
    requests, errors, _, connections = (points.rate(_of_balancer(balancer, name)) for name in _BALANCERS)
    return BalancerSeen(
        name=balancer["LoadBalancerName"],
        state=balancer["State"]["Code"],
        requests=requests,
        errors=_beside(requests, errors),
        open_now=_beside(connections, points.recent(_of_balancer(balancer, "ActiveConnectionCount"))),
        connections=connections,
        bytes=points.rate(_of_balancer(balancer, "ProcessedBytes")),
    )


def _beside(measured: float | None, counted: float | None) -> float | None:
    """What is reported only when there is any: none of it, where its neighbour was `measured`."""
    return 0.0 if counted is None and measured is not None else counted
