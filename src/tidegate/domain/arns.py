"""Amazon Resource Names: built in one place, taken apart in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, the resource still in one piece."""

    service: str
    region: str
    account: str
    resource: str
    partition: str = "aws"

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """The parts of an ARN, or None when the text is not one."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        return None
    return Arn(partition=parts[1], service=parts[2], region=parts[3], account=parts[4], resource=parts[5])


def arn_name(arn: str) -> str:
    """The last path segment: a cluster's or service's name, a task's id."""
    return arn.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class ArnMaker:
    """The ARNs of one region and account."""

    region: str
    account: str

    def _arn(self, service: str, resource: str) -> str:
        return str(Arn(service=service, region=self.region, account=self.account, resource=resource))

    def cluster(self, name: str) -> str:
        return self._arn("ecs", f"cluster/{name}")

    def service(self, cluster: str, name: str) -> str:
        return self._arn("ecs", f"service/{cluster}/{name}")

    def task(self, cluster: str, task_id: str) -> str:
        return self._arn("ecs", f"task/{cluster}/{task_id}")

    def container_instance(self, cluster: str, instance_id: str) -> str:
        return self._arn("ecs", f"container-instance/{cluster}/{instance_id}")

    def container(self, cluster: str, task_id: str, container_id: str) -> str:
        return self._arn("ecs", f"container/{cluster}/{task_id}/{container_id}")

    def task_definition(self, family: str, revision: int) -> str:
        return self._arn("ecs", f"task-definition/{family}:{revision}")

    def load_balancer(self, name: str, lb_id: str) -> str:
        return self._arn("elasticloadbalancing", f"loadbalancer/app/{name}/{lb_id}")

    def listener(self, name: str, lb_id: str, listener_id: str) -> str:
        return self._arn("elasticloadbalancing", f"listener/app/{name}/{lb_id}/{listener_id}")

    def listener_rule(self, name: str, lb_id: str, listener_id: str, rule_id: str) -> str:
        return self._arn("elasticloadbalancing", f"listener-rule/app/{name}/{lb_id}/{listener_id}/{rule_id}")

    def target_group(self, name: str, group_id: str) -> str:
        return self._arn("elasticloadbalancing", f"targetgroup/{name}/{group_id}")

    def trust_store(self, name: str, store_id: str) -> str:
        return self._arn("elasticloadbalancing", f"truststore/{name}/{store_id}")

    def certificate(self, certificate_id: str) -> str:
        return self._arn("acm", f"certificate/{certificate_id}")

    def scalable_target(self, target_id: str) -> str:
        return self._arn("application-autoscaling", f"scalable-target/{target_id}")

    def scaling_policy(self, policy_id: str, resource_id: str, name: str) -> str:
        resource = f"scalingPolicy:{policy_id}:resource/ecs/{resource_id}:policyName/{name}"
        return self._arn("autoscaling", resource)

    def scheduled_action(self, action_id: str, resource_id: str, name: str) -> str:
        resource = f"scheduledAction:{action_id}:resource/ecs/{resource_id}:scheduledActionName/{name}"
        return self._arn("autoscaling", resource)

    def log_group(self, name: str) -> str:
        """Without the `:*` that most of the API's answers put behind it."""
        return self._arn("logs", f"log-group:{name}")

    def alarm(self, name: str) -> str:
        return self._arn("cloudwatch", f"alarm:{name}")

    def ec2(self, kind: str, resource_id: str) -> str:
        return self._arn("ec2", f"{kind}/{resource_id}")

    def iam(self, kind: str, name: str, path: str = "/") -> str:
        """IAM is global: its ARNs carry no region."""
        return str(Arn(service="iam", region="", account=self.account, resource=f"{kind}{path}{name}"))
