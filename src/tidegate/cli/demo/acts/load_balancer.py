"""Act 2: the load balancer, its target group and its listener."""

from __future__ import annotations

import contextlib
import socket
import urllib.error
import urllib.request
from collections.abc import Sequence

from tidegate.cli.demo.story import LOAD_BALANCER, TARGET_GROUP, Story, check, filters


class LoadBalancer:
    number = 2
    title = "Load balancer"

    def play(self, story: Story) -> Sequence[str]:
        props, elbv2 = story.props, story.elbv2
        subnets, groups = props.subnet_ids, [props.security_group_id]
        created = elbv2.create_load_balancer(Name=LOAD_BALANCER, Subnets=subnets, SecurityGroups=groups)
        balancer = created["LoadBalancers"][0]
        props.load_balancer_arn, props.dns_name = balancer["LoadBalancerArn"], balancer["DNSName"]

        self._create_target_group(story)
        forward = [{"Type": "forward", "TargetGroupArn": props.target_group_arn}]
        listener = elbv2.create_listener(
            LoadBalancerArn=props.load_balancer_arn, Protocol="HTTP", Port=80, DefaultActions=forward
        )
        props.listener_arn = listener["Listeners"][0]["ListenerArn"]

        story.show("elbv2", "wait load-balancer-available", names=LOAD_BALANCER)
        story.until("the load balancer is active", lambda: self._is_active(story), 30)
        self._find_address(story)
        status = story.until("the listener answers", lambda: _status(story), 15)
        check(status == 503, f"with no target the load balancer answered {status} instead of 503")
        return [f"http://{props.dns_name}/", f"http://{props.address}:{props.port}/", "503 with no target"]

    def _create_target_group(self, story: Story) -> None:
        props, elbv2, timings = story.props, story.elbv2, story.stage.timings
        interval = timings.health_interval_seconds
        options = {} if interval is None else {"HealthCheckIntervalSeconds": interval}
        group = elbv2.create_target_group(
            Name=TARGET_GROUP,
            Protocol="HTTP",
            Port=5000,
            VpcId=props.vpc_id,
            HealthCheckPath="/ping",
            # The time-out has to stay below the interval.
            **({"HealthCheckTimeoutSeconds": 2} if interval is not None else {}),
            **options,
        )["TargetGroups"][0]
        props.target_group_arn = group["TargetGroupArn"]
        delay = timings.deregistration_delay_seconds
        if delay is not None:
            attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}
            elbv2.modify_target_group_attributes(
                TargetGroupArn=props.target_group_arn, Attributes=[attribute]
            )
            story.say(
                f"draining takes {delay} s here, AWS's default is 300; health is asked every {interval} s"
            )

    def _is_active(self, story: Story) -> bool:
        answer = story.elbv2.describe_load_balancers(LoadBalancerArns=[story.props.load_balancer_arn])
        return bool(answer["LoadBalancers"][0]["State"]["Code"] == "active")

    def _find_address(self, story: Story) -> None:
        """The load balancer's address is that of its network interface; where ports below 1024 may
        not be bound, listener 80 answers on 8080."""
        props = story.props
        description = "ELB " + props.load_balancer_arn.split("loadbalancer/", 1)[1]
        story.show("ec2", "describe-network-interfaces", filters=f"Name=description,Values={description}")
        found = story.ec2.describe_network_interfaces(Filters=filters(description=description))
        addresses = sorted(entry["PrivateIpAddress"] for entry in found["NetworkInterfaces"])
        check(addresses, "the load balancer has no network interface")
        props.address = addresses[0]
        props.port = story.until("the listener accepts", lambda: _open_port(props.address, (80, 8080)), 15)


def _open_port(address: str, candidates: Sequence[int]) -> int | None:
    for port in candidates:
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return port
    return None


def _status(story: Story) -> int | None:
    request = urllib.request.Request(
        f"http://{story.props.address}:{story.props.port}/ping", headers={"Host": story.props.dns_name}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
