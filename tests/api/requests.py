"""A region in use, and for every operation a request that it serves or refuses for its state alone."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.api.certificate_requests import (
    BUCKETS,
    certificates,
    make_certificate,
    make_trust_store,
    trust_stores,
)
from tests.api.log_requests import logs
from tests.api.metric_requests import alarms, metrics
from tests.api.scaling_requests import make_scalable, scaling
from tests.api.shift_requests import make_shift, shifts

from tidegate.control.api import front_ends
from tidegate.control.api.ec2 import ensure_defaults
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES
from tidegate.testing.api import Api, api_context

Requests = dict[str, dict[str, Any]]

_AGENT = "com.amazonaws.ecs.capability.docker-remote-api.1.17"
_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_ROLE_ARN = "arn:aws:iam::000000000000:role/r"
_PUBLIC_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
_USER_DATA = b64encode(b"#!/bin/bash\necho ECS_CLUSTER=c >> /etc/ecs/ecs.config\n").decode()
_TAGS = [{"Key": "a", "Value": "b"}]
_FIXED = {"Type": "fixed-response", "Order": 2, "FixedResponseConfig": {"StatusCode": "200"}}
_LOGIN = {
    "Type": "authenticate-oidc",
    "Order": 1,
    "AuthenticateOidcConfig": {
        "Issuer": "https://id",
        "AuthorizationEndpoint": "https://id/a",
        "TokenEndpoint": "https://id/t",
        "UserInfoEndpoint": "https://id/u",
        "ClientId": "c",
        "ClientSecret": "s",
        "SessionTimeout": 60,
        "AuthenticationRequestExtraParams": {"a": "b"},
    },
}
_TOKEN = {
    "Type": "jwt-validation",
    "Order": 1,
    "JwtValidationConfig": {
        "JwksEndpoint": "https://id/k",
        "Issuer": "id",
        "AdditionalClaims": [{"Format": "string-array", "Name": "a", "Values": ["b"]}],
    },
}
_ECS_TAGS = [{"key": "a", "value": "b"}]


def region() -> Api:
    """A region with all front ends and its default VPC."""
    context = api_context(buckets=BUCKETS)
    asyncio.run(ensure_defaults(context))
    return Api(context, front_ends())


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the region holds, as requests name it."""

    vpc: str
    subnets: list[str]
    security_group: str
    route_table: str
    gateway: str
    association: str
    image: str
    instance: str
    load_balancer: str
    target_group: str
    listener: str
    secure_listener: str
    rule: str
    certificate: str
    trust_store: str
    container_instance: str
    task: str
    service: str
    service_deployment: str
    service_revision: str
    scalable_target: str
    policy: str
    split_rule: str
    shift: str


def inhabited(api: Api) -> Names:
    """Put one of each noun into a region."""
    ec2, ecs, elbv2, iam = (api.client(name) for name in ("ec2", "ecs", "elbv2", "iam"))
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [row["SubnetId"] for row in ec2.describe_subnets()["Subnets"]][:2]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    group = ec2.create_security_group(GroupName="web", Description="d", VpcId=vpc)["GroupId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])["AssociationId"]
    ec2.create_key_pair(KeyName="k", KeyType="ed25519")
    launched = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnets[0])
    instance = launched["Instances"][0]["InstanceId"]
    balancer = elbv2.create_load_balancer(Name="lb", Subnets=subnets, SecurityGroups=[group])
    balancer_arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    created = elbv2.create_target_group(Name="tg", Protocol="HTTP", Port=80, VpcId=vpc)
    group_arn = created["TargetGroups"][0]["TargetGroupArn"]
    listener = elbv2.create_listener(
        LoadBalancerArn=balancer_arn,
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group_arn}],
    )["Listeners"][0]["ListenerArn"]
    certificate, trust_store = make_certificate(api), make_trust_store(api)
    secure_listener = elbv2.create_listener(
        LoadBalancerArn=balancer_arn,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[_FIXED],
    )["Listeners"][0]["ListenerArn"]
    rule = elbv2.create_rule(
        ListenerArn=secure_listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/x"]}],
        Actions=[_FIXED],
    )["Rules"][0]["RuleArn"]
    ecs.create_cluster(clusterName="c")
    ecs.create_cluster(clusterName="empty")
    registered = ecs.register_container_instance(**_registration(instance))
    _connect_agents(api)
    container = {"name": "app", "image": "web:1", "memory": 16, "portMappings": [{"containerPort": 80}]}
    ecs.register_task_definition(family="web", containerDefinitions=[container])
    task = ecs.run_task(cluster="c", taskDefinition="web")["tasks"][0]["taskArn"]
    use = {"targetGroupArn": group_arn, "containerName": "app", "containerPort": 80}
    service = ecs.create_service(
        cluster="c", serviceName="web", taskDefinition="web", desiredCount=1, loadBalancers=[use]
    )["service"]
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=_POLICY)
    iam.create_instance_profile(InstanceProfileName="p")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=_POLICY)["Policy"]["Arn"]
    split_rule, shift = make_shift(api, listener, group_arn, vpc)
    return Names(
        vpc=vpc,
        subnets=subnets,
        security_group=group,
        route_table=table,
        gateway=gateway,
        association=association,
        image=image,
        instance=instance,
        load_balancer=balancer_arn,
        target_group=group_arn,
        listener=listener,
        secure_listener=secure_listener,
        rule=rule,
        certificate=certificate,
        trust_store=trust_store,
        container_instance=registered["containerInstance"]["containerInstanceArn"],
        task=task,
        service=service["serviceArn"],
        service_deployment=service["currentServiceDeployment"],
        service_revision=service["currentServiceRevisions"][0]["arn"],
        scalable_target=make_scalable(api, service["serviceArn"]),
        policy=policy,
        split_rule=split_rule,
        shift=shift,
    )


def requests(names: Names) -> dict[str, Requests]:
    """Parameters by service and operation."""
    return {
        "ecs": {**_clusters_and_definitions(), **_services(names), **_tasks_and_instances(names)},
        "elbv2": {
            **_elbv2(names),
            **_rules(names),
            **_tls(names),
            **trust_stores(names.trust_store, names.load_balancer),
        },
        "acm": certificates(names.certificate),
        "application-autoscaling": scaling(
            names.scalable_target, names.service, names.load_balancer, names.target_group
        ),
        "ec2": {**_networks(names), **_security(names), **_machines(names)},
        "cloudwatch": {**metrics(), **alarms()},
        "logs": logs(),
        "iam": _iam(names),
        "ssm": {
            "GetParameter": {"Name": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"},
            "GetParameters": {"Names": ["/aws/service/ecs/optimized-ami/amazon-linux-2/recommended"]},
            "GetParametersByPath": {"Path": "/aws/service/ecs", "Recursive": True, "MaxResults": 3},
        },
        "sts": {"GetCallerIdentity": {}, "GetSessionToken": {"DurationSeconds": 900}},
        "tidegate": shifts(names.split_rule, names.shift, names.target_group),
    }


def _connect_agents(api: Api) -> None:
    def connect(tx: Transaction) -> None:
        for row in list(tx.all(CONTAINER_INSTANCES)):
            tx.put(CONTAINER_INSTANCES, replace(row, agent_connected=True))

    asyncio.run(api.context.store.transact(connect))


def _registration(instance: str) -> dict[str, Any]:
    return {
        "cluster": "c",
        "instanceIdentityDocument": json.dumps({"instanceId": instance}),
        "totalResources": [
            {"name": "CPU", "type": "INTEGER", "integerValue": 1024},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": 983},
            {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]},
        ],
        "attributes": [{"name": _AGENT, "value": ""}],
        "tags": _ECS_TAGS,
        "versionInfo": {"agentVersion": "1"},
    }


def _clusters_and_definitions() -> Requests:
    settings = [{"name": "containerInsights", "value": "disabled"}]
    main = {
        "name": "app",
        "image": "web:1",
        "cpu": 10,
        "memory": 64,
        "memoryReservation": 32,
        "essential": True,
        "portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "tcp", "name": "http"}],
        "environment": [{"name": "A", "value": "b"}],
        "command": ["run"],
        "mountPoints": [{"sourceVolume": "v", "containerPath": "/x", "readOnly": True}],
        "healthCheck": {"command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3},
        "stopTimeout": 3,
        "logConfiguration": {"logDriver": "json-file", "options": {}},
        "dockerLabels": {"a": "b"},
        "links": ["side:alias"],
        "dependsOn": [{"containerName": "side", "condition": "START"}],
    }
    return {
        "CreateCluster": {"clusterName": "c2", "settings": settings, "tags": _ECS_TAGS},
        "DescribeClusters": {"clusters": ["c"], "include": ["TAGS", "STATISTICS", "SETTINGS"]},
        "ListClusters": {"maxResults": 10},
        "DeleteCluster": {"cluster": "empty"},
        "UpdateCluster": {"cluster": "c", "settings": settings},
        "UpdateClusterSettings": {"cluster": "c", "settings": settings},
        "RegisterTaskDefinition": {
            "family": "f",
            "taskRoleArn": _ROLE_ARN,
            "networkMode": "bridge",
            "containerDefinitions": [main, {"name": "side", "image": "i", "memory": 10}],
            "volumes": [{"name": "v", "host": {"sourcePath": "/x"}}],
            "cpu": "256",
            "memory": "512",
            "requiresCompatibilities": ["EC2"],
            "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
            "tags": _ECS_TAGS,
        },
        "DescribeTaskDefinition": {"taskDefinition": "web:1", "include": ["TAGS"]},
        "DeregisterTaskDefinition": {"taskDefinition": "f:1"},
        "DeleteTaskDefinitions": {"taskDefinitions": ["f:1"]},
        "ListTaskDefinitions": {"familyPrefix": "web", "status": "ACTIVE", "sort": "ASC", "maxResults": 1},
        "ListTaskDefinitionFamilies": {"familyPrefix": "w", "status": "ALL", "maxResults": 1},
        "ListAccountSettings": {"effectiveSettings": True, "name": "containerInsights"},
        "PutAccountSetting": {"name": "awsvpcTrunking", "value": "enabled", "principalArn": _ROLE_ARN},
        "PutAccountSettingDefault": {"name": "containerInsights", "value": "enabled"},
        "DeleteAccountSetting": {"name": "awsvpcTrunking", "principalArn": _ROLE_ARN},
    }


def _services(names: Names) -> Requests:
    use = {"targetGroupArn": names.target_group, "containerName": "app", "containerPort": 80}
    deployments = {
        "maximumPercent": 200,
        "minimumHealthyPercent": 50,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "alarms": {"alarmNames": [], "enable": False, "rollback": False},
        "strategy": "ROLLING",
    }
    return {
        "CreateService": {
            "cluster": "c",
            "serviceName": "web2",
            "taskDefinition": "web",
            "desiredCount": 1,
            "clientToken": "token",
            "loadBalancers": [use],
            "deploymentConfiguration": deployments,
            "placementStrategy": [{"type": "spread", "field": "instanceId"}],
            "placementConstraints": [{"type": "distinctInstance"}],
            "healthCheckGracePeriodSeconds": 3,
            "tags": _ECS_TAGS,
            "propagateTags": "SERVICE",
            "launchType": "EC2",
            "role": "r",
        },
        "UpdateService": {
            "cluster": "c",
            "service": "web",
            "desiredCount": 2,
            "taskDefinition": "web:1",
            "deploymentConfiguration": deployments,
            "forceNewDeployment": True,
            "placementStrategy": [{"type": "binpack", "field": "cpu"}],
        },
        "DeleteService": {"cluster": "c", "service": "web2", "force": True},
        "DescribeServices": {"cluster": "c", "services": ["web"], "include": ["TAGS"]},
        "ListServices": {"cluster": "c", "maxResults": 1, "launchType": "EC2"},
        "ListServiceDeployments": {
            "cluster": "c",
            "service": "web",
            "status": ["PENDING", "IN_PROGRESS"],
            "createdAt": {"after": 1.0, "before": 4e9},
            "maxResults": 1,
        },
        "DescribeServiceDeployments": {"serviceDeploymentArns": [names.service_deployment]},
        "DescribeServiceRevisions": {"serviceRevisionArns": [names.service_revision]},
        "StopServiceDeployment": {
            "serviceDeploymentArn": names.service_deployment,
            "stopType": "ROLLBACK",
        },
        "TagResource": {"resourceArn": names.service, "tags": _ECS_TAGS},
        "UntagResource": {"resourceArn": names.service, "tagKeys": ["a"]},
        "ListTagsForResource": {"resourceArn": names.service},
    }


def _tasks_and_instances(names: Names) -> Requests:
    instance = names.container_instance
    override = {"name": "app", "command": ["x"], "environment": [{"name": "A", "value": "1"}], "cpu": 1}
    start = {
        "cluster": "c",
        "taskDefinition": "web:1",
        "overrides": {"containerOverrides": [override]},
        "startedBy": "me",
        "group": "g",
        "tags": _ECS_TAGS,
    }
    attribute = {"name": "rack", "value": "r", "targetType": "container-instance", "targetId": instance}
    binding = {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp"}
    container = {"containerName": "app", "status": "RUNNING", "networkBindings": [binding], "exitCode": 0}
    return {
        "RunTask": {
            **start,
            "count": 1,
            "clientToken": "t",
            "placementConstraints": [{"type": "distinctInstance"}],
            "placementStrategy": [{"type": "random"}],
            "propagateTags": "TASK_DEFINITION",
        },
        "StartTask": {**start, "containerInstances": [instance]},
        "StopTask": {"cluster": "c", "task": names.task, "reason": "x"},
        "DescribeTasks": {"cluster": "c", "tasks": [names.task], "include": ["TAGS"]},
        "GetTaskProtection": {"cluster": "c", "tasks": [names.task]},
        "UpdateTaskProtection": {
            "cluster": "c",
            "tasks": [names.task],
            "protectionEnabled": True,
            "expiresInMinutes": 1,
        },
        "ListTasks": {"cluster": "c", "serviceName": "web", "family": "web", "containerInstance": instance},
        "DescribeContainerInstances": {
            "cluster": "c",
            "containerInstances": [instance],
            "include": ["TAGS", "CONTAINER_INSTANCE_HEALTH"],
        },
        "ListContainerInstances": {"cluster": "c", "filter": "attribute:rack == r", "status": "ACTIVE"},
        "UpdateContainerInstancesState": {
            "cluster": "c",
            "containerInstances": [instance],
            "status": "ACTIVE",
        },
        "DeregisterContainerInstance": {"cluster": "c", "containerInstance": instance, "force": False},
        "PutAttributes": {"cluster": "c", "attributes": [attribute]},
        "DeleteAttributes": {"cluster": "c", "attributes": [{"name": "rack", "targetId": instance}]},
        "ListAttributes": {"cluster": "c", "targetType": "container-instance", "attributeName": "rack"},
        "RegisterContainerInstance": _registration(names.instance),
        "DiscoverPollEndpoint": {"cluster": "c", "containerInstance": instance},
        "SubmitTaskStateChange": {
            "cluster": "c",
            "task": names.task,
            "status": "RUNNING",
            "containers": [container],
            "pullStartedAt": 1.0,
        },
        "SubmitContainerStateChange": {"cluster": "c", "task": names.task, **container},
        "SubmitAttachmentStateChanges": {
            "cluster": "c",
            "attachments": [{"attachmentArn": "a", "status": "b"}],
        },
    }


def _elbv2(names: Names) -> Requests:
    balancer, group, listener = names.load_balancer, names.target_group, names.listener
    targets = {"TargetGroupArn": group, "Targets": [{"Id": names.instance, "Port": 8000}]}
    forward = {
        "Type": "forward",
        "Order": 1,
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
            "TargetGroupStickinessConfig": {"Enabled": False, "DurationSeconds": 5},
        },
    }
    redirect = {
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "Path": "/#{path}", "StatusCode": "HTTP_301"},
    }
    return {
        "CreateLoadBalancer": {
            "Name": "lb2",
            "Subnets": names.subnets,
            "SecurityGroups": [names.security_group],
            "Scheme": "internal",
            "Type": "application",
            "Tags": _TAGS,
        },
        "DescribeLoadBalancers": {"Names": ["lb"], "PageSize": 1},
        "DeleteLoadBalancer": {"LoadBalancerArn": f"{balancer.rpartition('/')[0]}/0123456789abcdef"},
        "SetSecurityGroups": {"LoadBalancerArn": balancer, "SecurityGroups": [names.security_group]},
        "SetSubnets": {"LoadBalancerArn": balancer, "Subnets": names.subnets},
        "SetIpAddressType": {"LoadBalancerArn": balancer, "IpAddressType": "ipv4"},
        "DescribeLoadBalancerAttributes": {"LoadBalancerArn": balancer},
        "ModifyLoadBalancerAttributes": {
            "LoadBalancerArn": balancer,
            "Attributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "10"}],
        },
        "DescribeCapacityReservation": {"LoadBalancerArn": balancer},
        "DescribeAccountLimits": {"PageSize": 2},
        "CreateTargetGroup": {
            "Name": "tg2",
            "Protocol": "HTTP",
            "Port": 80,
            "VpcId": names.vpc,
            "HealthCheckPath": "/",
            "HealthCheckPort": "traffic-port",
            "HealthCheckIntervalSeconds": 5,
            "HealthCheckTimeoutSeconds": 2,
            "Matcher": {"HttpCode": "200"},
            "TargetType": "instance",
            "Tags": _TAGS,
        },
        "ModifyTargetGroup": {"TargetGroupArn": group, "Matcher": {"HttpCode": "200-299,301"}},
        "DescribeTargetGroups": {"Names": ["tg"]},
        "DeleteTargetGroup": {"TargetGroupArn": group},
        "DescribeTargetGroupAttributes": {"TargetGroupArn": group},
        "ModifyTargetGroupAttributes": {
            "TargetGroupArn": group,
            "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}],
        },
        "CreateListener": {
            "LoadBalancerArn": balancer,
            "Port": 81,
            "Protocol": "HTTP",
            "DefaultActions": [forward],
            "Tags": _TAGS,
        },
        "ModifyListener": {"ListenerArn": listener, "Port": 80, "DefaultActions": [redirect]},
        "DescribeListeners": {"LoadBalancerArn": balancer},
        "DescribeRules": {"ListenerArn": listener},
        "DescribeListenerAttributes": {"ListenerArn": listener},
        "ModifyListenerAttributes": {
            "ListenerArn": listener,
            "Attributes": [{"Key": "routing.http.response.server.enabled", "Value": "true"}],
        },
        "RegisterTargets": targets,
        "DeregisterTargets": targets,
        "DescribeTargetHealth": {**targets, "Include": ["All"]},
        "AddTags": {"ResourceArns": [balancer], "Tags": _TAGS},
        "RemoveTags": {"ResourceArns": [balancer], "TagKeys": ["a"]},
        "DescribeTags": {"ResourceArns": [balancer, group, listener]},
    }


def _rules(names: Names) -> Requests:
    regex = {"Field": "host-header", "HostHeaderConfig": {"RegexValues": ["^a[b-d]{1,3}$"]}}
    conditions = [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x/*"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "A", "Values": ["b*"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "a", "Value": "b"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
    ]
    rewrite = {"Regex": "^/a(.*)$", "Replace": "/b$1"}
    forward = {"Type": "forward", "Order": 2, "TargetGroupArn": names.target_group}
    return {
        "CreateRule": {
            "ListenerArn": names.secure_listener,
            "Priority": 2,
            "Conditions": conditions,
            "Actions": [_TOKEN, forward],
            "Transforms": [{"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": [rewrite]}}],
            "Tags": _TAGS,
        },
        "ModifyRule": {
            "RuleArn": names.rule,
            "Conditions": [regex],
            "Actions": [_LOGIN, _FIXED],
            "Transforms": [
                {"Type": "host-header-rewrite", "HostHeaderRewriteConfig": {"Rewrites": [rewrite]}}
            ],
        },
        "SetRulePriorities": {"RulePriorities": [{"RuleArn": names.rule, "Priority": 9}]},
        "DescribeRules": {"RuleArns": [names.rule], "PageSize": 1},
        "DeleteRule": {"RuleArn": names.rule[:-1]},
    }


def _tls(names: Names) -> Requests:
    listener, trust_store = names.secure_listener, {"TrustStoreArn": names.trust_store}
    chosen = {"ListenerArn": listener, "Certificates": [{"CertificateArn": names.certificate}]}
    return {
        "AddListenerCertificates": chosen,
        "RemoveListenerCertificates": chosen,
        "DescribeListenerCertificates": {"ListenerArn": listener, "PageSize": 1},
        "DescribeSSLPolicies": {"Names": ["ELBSecurityPolicy-2016-08"], "PageSize": 1},
        "ModifyListener": {
            "ListenerArn": listener,
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "Certificates": chosen["Certificates"],
            "MutualAuthentication": {
                "Mode": "verify",
                **trust_store,
                "IgnoreClientCertificateExpiry": True,
                "AdvertiseTrustStoreCaNames": "on",
            },
            "DefaultActions": [_LOGIN, _FIXED],
        },
    }


def _tagging(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": _TAGS}]


def _networks(names: Names) -> Requests:
    filters = [{"Name": "vpc-id", "Values": [names.vpc]}]
    anywhere = {"RouteTableId": names.route_table, "DestinationCidrBlock": "0.0.0.0/0"}
    return {
        "CreateVpc": {"CidrBlock": "10.9.0.0/16", "TagSpecifications": _tagging("vpc")},
        "DescribeVpcs": {"Filters": filters, "MaxResults": 5},
        "DescribeVpcAttribute": {"VpcId": names.vpc, "Attribute": "enableDnsSupport"},
        "ModifyVpcAttribute": {"VpcId": names.vpc, "EnableDnsHostnames": {"Value": True}},
        "CreateSubnet": {"VpcId": names.vpc, "CidrBlock": "172.31.240.0/24"},
        "DescribeSubnets": {"Filters": filters, "SubnetIds": names.subnets},
        "ModifySubnetAttribute": {"SubnetId": names.subnets[0], "MapPublicIpOnLaunch": {"Value": True}},
        "DeleteSubnet": {"SubnetId": names.subnets[1]},
        "CreateInternetGateway": {"TagSpecifications": _tagging("internet-gateway")},
        "AttachInternetGateway": {"InternetGatewayId": names.gateway, "VpcId": names.vpc},
        "DescribeInternetGateways": {"InternetGatewayIds": [names.gateway]},
        "CreateRouteTable": {"VpcId": names.vpc, "ClientToken": "x"},
        "DescribeRouteTables": {"RouteTableIds": [names.route_table]},
        "CreateRoute": {**anywhere, "GatewayId": names.gateway},
        "ReplaceRoute": {**anywhere, "GatewayId": names.gateway},
        "DeleteRoute": anywhere,
        "AssociateRouteTable": {"RouteTableId": names.route_table, "SubnetId": names.subnets[1]},
        "ReplaceRouteTableAssociation": {
            "AssociationId": names.association,
            "RouteTableId": names.route_table,
        },
        "DescribeNetworkAcls": {"Filters": filters},
        "DescribeNetworkInterfaces": {"Filters": filters},
        "DescribeAvailabilityZones": {"ZoneNames": ["us-east-1a"]},
        "DescribeRegions": {},
        "DescribeAccountAttributes": {"AttributeNames": ["default-vpc"]},
        "CreateTags": {"Resources": [names.vpc], "Tags": _TAGS},
        "DeleteTags": {"Resources": [names.vpc], "Tags": _TAGS},
        "DescribeTags": {"Filters": [{"Name": "resource-id", "Values": [names.vpc]}], "MaxResults": 5},
    }


def _security(names: Names) -> Requests:
    group = names.security_group
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "x"}],
        "UserIdGroupPairs": [{"GroupId": group}],
    }
    rules = {"GroupId": group, "IpPermissions": [permission]}
    return {
        "CreateSecurityGroup": {"GroupName": "web2", "Description": "d", "VpcId": names.vpc},
        "DescribeSecurityGroups": {"GroupIds": [group]},
        "AuthorizeSecurityGroupIngress": {**rules, "TagSpecifications": _tagging("security-group-rule")},
        "AuthorizeSecurityGroupEgress": rules,
        "RevokeSecurityGroupIngress": rules,
        "RevokeSecurityGroupEgress": rules,
        "DescribeSecurityGroupRules": {
            "Filters": [{"Name": "group-id", "Values": [group]}],
            "MaxResults": 5,
        },
        "CreateKeyPair": {"KeyName": "k2", "KeyType": "ed25519", "KeyFormat": "pem"},
        "ImportKeyPair": {
            "KeyName": "k3",
            "PublicKeyMaterial": _PUBLIC_KEY.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        },
        "DescribeKeyPairs": {"KeyNames": ["k"], "IncludePublicKey": True},
        "DeleteKeyPair": {"KeyName": "k2"},
    }


def _machines(names: Names) -> Requests:
    return {
        "RunInstances": {
            "ImageId": names.image,
            "InstanceType": "t2.micro",
            "MinCount": 1,
            "MaxCount": 2,
            "KeyName": "k",
            "SecurityGroupIds": [names.security_group],
            "SubnetId": names.subnets[0],
            "UserData": _USER_DATA,
            "ClientToken": "token",
            "IamInstanceProfile": {"Name": "p"},
            "MetadataOptions": {"HttpTokens": "required"},
            "TagSpecifications": _tagging("instance"),
        },
        "DescribeInstances": {
            "InstanceIds": [names.instance],
            "Filters": [{"Name": "instance-state-name", "Values": ["run*"]}],
        },
        "DescribeInstanceStatus": {"InstanceIds": [names.instance]},
        "DescribeInstanceAttribute": {"InstanceId": names.instance, "Attribute": "userData"},
        "ModifyInstanceAttribute": {
            "InstanceId": names.instance,
            "DisableApiTermination": {"Value": False},
        },
        "TerminateInstances": {"InstanceIds": ["i-1"]},
        "DescribeInstanceTypes": {"InstanceTypes": ["t2.micro"]},
        "DescribeInstanceTypeOfferings": {"LocationType": "region"},
        "DescribeInstanceCreditSpecifications": {"InstanceIds": [names.instance]},
        "DescribeVolumes": {"MaxResults": 5},
        "DescribeImages": {"Owners": ["amazon"], "Filters": [{"Name": "name", "Values": ["*"]}]},
    }


def _iam(names: Names) -> Requests:
    role, profile = {"RoleName": "r"}, {"InstanceProfileName": "p"}
    inline = {**role, "PolicyName": "x"}
    attached = {**role, "PolicyArn": names.policy}
    return {
        "CreateRole": {"RoleName": "r2", "AssumeRolePolicyDocument": _POLICY, "Path": "/", "Tags": _TAGS},
        "GetRole": role,
        "UpdateRole": {**role, "Description": "d"},
        "UpdateAssumeRolePolicy": {**role, "PolicyDocument": _POLICY},
        "ListRoles": {"MaxItems": 3, "PathPrefix": "/"},
        "PutRolePolicy": {**inline, "PolicyDocument": _POLICY},
        "GetRolePolicy": inline,
        "ListRolePolicies": role,
        "DeleteRolePolicy": inline,
        "AttachRolePolicy": attached,
        "ListAttachedRolePolicies": role,
        "DetachRolePolicy": attached,
        "GetPolicy": {"PolicyArn": names.policy},
        "GetPolicyVersion": {"PolicyArn": names.policy, "VersionId": "v1"},
        "ListPolicies": {"MaxItems": 3},
        "ListEntitiesForPolicy": {"PolicyArn": names.policy},
        "CreatePolicy": {"PolicyName": "p2", "PolicyDocument": _POLICY},
        "GetInstanceProfile": profile,
        "CreateInstanceProfile": {"InstanceProfileName": "p2"},
        "AddRoleToInstanceProfile": {**profile, **role},
        "RemoveRoleFromInstanceProfile": {**profile, **role},
        "ListInstanceProfilesForRole": role,
        "TagRole": {**role, "Tags": _TAGS},
        "UntagRole": {**role, "TagKeys": ["a"]},
        "ListRoleTags": role,
        "DeleteRole": {"RoleName": "r2"},
    }
