"""Every table of the region, with its key and its indexes.

Index functions return the values under which a row is found; an index costs memory and a little of
each commit, so each one exists because a controller or an operation looks rows up by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.store.table import Table
from tidegate.domain.acm import Certificate, CertificateAuthority
from tidegate.domain.cloudwatch import (
    AlarmHistoryItem,
    CompositeAlarm,
    MetricAlarm,
    PendingNotification,
)
from tidegate.domain.ec2 import Instance, InternetGateway, KeyPair, RouteTable, SecurityGroup, Subnet, Vpc
from tidegate.domain.ecs import (
    AccountSetting,
    Cluster,
    ContainerInstance,
    Service,
    ServiceDeployment,
    ServiceEvent,
    ServiceRevision,
    Task,
    TaskDefinition,
)
from tidegate.domain.elbv2 import (
    Listener,
    LoadBalancer,
    LoginKeys,
    Rule,
    Target,
    TargetGroup,
    TargetHealth,
    TrustStore,
    target_groups_of,
)
from tidegate.domain.iam import InstanceProfile, Policy, Role
from tidegate.domain.logs import LogGroup
from tidegate.domain.scaling import ScalableTarget, ScalingActivity, ScalingPolicy, ScheduledAction
from tidegate.domain.shift import Shift


def _present(*values: str | None) -> Iterable[str]:
    return tuple(value for value in values if value)


def _trust_stores(row: Listener) -> Iterable[str]:
    mutual = row.mutual_authentication
    return _present(mutual.trust_store_arn if mutual else None)


def _metric_names(row: MetricAlarm) -> Iterable[str]:
    stats = [row.stat, *(query.stat for query in row.queries)]
    return tuple({stat.metric.name for stat in stats if stat is not None})


ACCOUNT_SETTINGS = Table("account_settings", AccountSetting, key=lambda row: row.key)
CLUSTERS = Table("clusters", Cluster, key=lambda row: row.arn)

TASK_DEFINITIONS = Table(
    "task_definitions",
    TaskDefinition,
    key=lambda row: row.arn,
    indexes={"family": lambda row: (row.family,)},
)

CONTAINER_INSTANCES = Table(
    "container_instances",
    ContainerInstance,
    key=lambda row: row.arn,
    indexes={
        "cluster": lambda row: (row.cluster_arn,),
        "ec2_instance": lambda row: _present(row.ec2_instance_id),
    },
)

SERVICES = Table(
    "services",
    Service,
    key=lambda row: row.arn,
    indexes={
        "cluster": lambda row: (row.cluster_arn,),
        "target_group": lambda row: tuple({use.target_group_arn for use in row.load_balancers}),
    },
)

SERVICE_EVENTS = Table(
    "service_events",
    ServiceEvent,
    key=lambda row: row.id,
    indexes={"service": lambda row: (row.service_arn,)},
)

SERVICE_DEPLOYMENTS = Table(
    "service_deployments",
    ServiceDeployment,
    key=lambda row: row.arn,
    indexes={
        "service": lambda row: (row.service_arn,),
        "deployment": lambda row: (row.deployment_id,),
        "open": lambda row: (row.service_arn,) if row.is_open else (),
    },
)

SERVICE_REVISIONS = Table(
    "service_revisions",
    ServiceRevision,
    key=lambda row: row.arn,
    indexes={"service": lambda row: (row.service_arn,)},
)

TASKS = Table(
    "tasks",
    Task,
    key=lambda row: row.arn,
    indexes={
        "cluster": lambda row: (row.cluster_arn,),
        "service": lambda row: _present(row.service_arn),
        "client_token": lambda row: _present(row.client_token),
        "container_instance": lambda row: (row.container_instance_arn,),
        "live": lambda row: ("live",) if row.last_status != "STOPPED" else (),
        "live_on_instance": lambda row: (row.container_instance_arn,) if row.last_status != "STOPPED" else (),
    },
)

LOAD_BALANCERS = Table(
    "load_balancers",
    LoadBalancer,
    key=lambda row: row.arn,
    indexes={"name": lambda row: (row.name,)},
)

TARGET_GROUPS = Table(
    "target_groups",
    TargetGroup,
    key=lambda row: row.arn,
    indexes={"name": lambda row: (row.name,)},
)

LISTENERS = Table(
    "listeners",
    Listener,
    key=lambda row: row.arn,
    indexes={
        "load_balancer": lambda row: (row.load_balancer_arn,),
        "target_group": lambda row: target_groups_of(row.default_actions),
        "certificate": lambda row: row.certificate_arns,
        "trust_store": _trust_stores,
    },
)

RULES = Table(
    "rules",
    Rule,
    key=lambda row: row.arn,
    indexes={
        "listener": lambda row: (row.listener_arn,),
        "target_group": lambda row: target_groups_of(row.actions),
    },
)

TARGETS = Table(
    "targets",
    Target,
    key=lambda row: row.key,
    indexes={
        "target_group": lambda row: (row.target_group_arn,),
        "id": lambda row: (row.id,),
        "address": lambda row: _present(row.address),
        "service": lambda row: _present(row.registered_for),
    },
)

TARGET_HEALTH = Table(
    "target_health",
    TargetHealth,
    key=lambda row: row.key,
    indexes={"target_group": lambda row: (row.target_group_arn,)},
)

TRUST_STORES = Table(
    "trust_stores", TrustStore, key=lambda row: row.arn, indexes={"name": lambda row: (row.name,)}
)

VPCS = Table("vpcs", Vpc, key=lambda row: row.id)
SUBNETS = Table("subnets", Subnet, key=lambda row: row.id, indexes={"vpc": lambda row: (row.vpc_id,)})
INTERNET_GATEWAYS = Table("internet_gateways", InternetGateway, key=lambda row: row.id)
ROUTE_TABLES = Table(
    "route_tables", RouteTable, key=lambda row: row.id, indexes={"vpc": lambda row: (row.vpc_id,)}
)
SECURITY_GROUPS = Table(
    "security_groups", SecurityGroup, key=lambda row: row.id, indexes={"vpc": lambda row: (row.vpc_id,)}
)
KEY_PAIRS = Table("key_pairs", KeyPair, key=lambda row: row.name)
INSTANCES = Table(
    "instances", Instance, key=lambda row: row.id, indexes={"subnet": lambda row: (row.subnet_id,)}
)

CERTIFICATES = Table(
    "certificates",
    Certificate,
    key=lambda row: row.arn,
    indexes={"idempotency_token": lambda row: _present(row.idempotency_token)},
)
CERTIFICATE_AUTHORITIES = Table("certificate_authorities", CertificateAuthority, key=lambda row: row.name)

LOGIN_KEYS = Table("login_keys", LoginKeys, key=lambda row: row.name)
METRIC_ALARMS = Table(
    "metric_alarms",
    MetricAlarm,
    key=lambda row: row.name,
    # Scaling finds the alarms that name a policy; DescribeAlarmsForMetric those of a metric's name.
    indexes={"action": lambda row: tuple(set(row.actions.all)), "metric": _metric_names},
)
COMPOSITE_ALARMS = Table("composite_alarms", CompositeAlarm, key=lambda row: row.name)
ALARM_HISTORY = Table(
    "alarm_history",
    AlarmHistoryItem,
    key=lambda row: row.id,
    indexes={"alarm": lambda row: (row.alarm_name,)},
)
PENDING_NOTIFICATIONS = Table("pending_notifications", PendingNotification, key=lambda row: row.id)

LOG_GROUPS = Table("log_groups", LogGroup, key=lambda row: row.name)

ROLES = Table("roles", Role, key=lambda row: row.name)
INSTANCE_PROFILES = Table("instance_profiles", InstanceProfile, key=lambda row: row.name)
POLICIES = Table("policies", Policy, key=lambda row: row.arn)

SCALABLE_TARGETS = Table(
    "scalable_targets",
    ScalableTarget,
    key=lambda row: row.resource_id,
    indexes={"arn": lambda row: (row.arn,), "service": lambda row: (row.service_arn,)},
)
SCALING_POLICIES = Table(
    "scaling_policies",
    ScalingPolicy,
    key=lambda row: row.arn,
    indexes={"target": lambda row: (row.resource_id,)},
)
SCHEDULED_ACTIONS = Table(
    "scheduled_actions",
    ScheduledAction,
    key=lambda row: row.arn,
    indexes={"target": lambda row: (row.resource_id,)},
)
SCALING_ACTIVITIES = Table(
    "scaling_activities",
    ScalingActivity,
    key=lambda row: row.id,
    indexes={
        "target": lambda row: (row.resource_id,),
        "open": lambda row: (row.resource_id,) if row.ended_at is None else (),
    },
)

SHIFTS = Table(
    "shifts",
    Shift,
    key=lambda row: row.id,
    indexes={
        "rule": lambda row: (row.rule_arn,),
        "open": lambda row: (row.rule_arn,) if row.is_open else (),
    },
)

ALL = tuple(table for table in list(globals().values()) if isinstance(table, Table))
"""Every table, for the store."""
