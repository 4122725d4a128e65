"""Terraform applies, replans empty, changes the image under load with no failed request, destroys."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.system.conftest import Product

from tidegate.cli.demo.load import Kind, LoadGenerator

pytestmark = [pytest.mark.system, pytest.mark.terraform, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
PROVIDER = "registry.terraform.io/hashicorp/aws"


class Stack:
    """The stack of terraform/main.tf in a working directory of its own."""

    def __init__(self, product: Product, folder: Path) -> None:
        self._folder = folder
        shutil.copy(HERE / "terraform" / "main.tf", folder)
        configuration = folder / "cli.tfrc"
        mirrors = "".join(f'  filesystem_mirror {{ path = "{path}" }}\n' for path in _mirrors())
        configuration.write_text(f"disable_checkpoint = true\nprovider_installation {{\n{mirrors}}}\n")
        self._environment = {**product.environment, "TF_CLI_CONFIG_FILE": str(configuration)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    def apply(self, image: str) -> None:
        done = self.run("apply", "-auto-approve", "-var", f"image={image}")
        assert done.returncode == 0, done.stdout + done.stderr

    def assert_replans_empty(self, image: str) -> None:
        done = self.run("plan", "-detailed-exitcode", "-var", f"image={image}")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def stack(product: Product, tmp_path: Path) -> Stack:
    if not any((mirror / PROVIDER).is_dir() for mirror in _mirrors()):
        pytest.skip(f"no mirror on this machine holds {PROVIDER}: name one in TIDEGATE_TERRAFORM_MIRROR")
    folder = tmp_path / "terraform"
    folder.mkdir()
    stack = Stack(product, folder)
    done = stack.run("init")
    assert done.returncode == 0, done.stdout + done.stderr
    return stack


def test_small_stack_lives_its_whole_life(product: Product, stack: Stack) -> None:
    for tag in ("1", "2"):
        product.tidegate("image", "build", str(HERE / "shop"), "-t", f"shop:{tag}")
    ec2 = product.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    user_data = "#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n"
    started = ec2.run_instances(
        ImageId=image, InstanceType="t2.micro", MinCount=2, MaxCount=2, UserData=user_data
    )

    stack.apply("shop:1")
    stack.assert_replans_empty("shop:1")
    balancer = product.client("elbv2").describe_load_balancers(Names=["shop"])["LoadBalancers"][0]
    address = _address_of(product, balancer["LoadBalancerArn"])
    kinds = [
        Kind(name="kept alive", path="/", weight=3),
        Kind(name="new connection", path="/", keep_alive=False),
    ]
    with LoadGenerator(address, 80, host=balancer["DNSName"], rate=100, kinds=kinds) as load:
        stack.apply("shop:2")
        tally = load.stop()
    assert tally.failures == []
    assert tally.completed > 100
    stack.assert_replans_empty("shop:2")
    _assert_runs(product, "shop:2")

    # They are not Terraform's, and as on AWS a cluster with container instances cannot be deleted.
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"] for instance in started["Instances"]])
    destroyed = stack.run("destroy", "-auto-approve")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr
    again = stack.run("destroy", "-auto-approve")
    assert again.returncode == 0, again.stdout + again.stderr


def _mirrors() -> list[Path]:
    """Where a machine without the public registry keeps its providers."""
    named = os.environ.get("TIDEGATE_TERRAFORM_MIRROR", "/opt/tf-plugins")
    candidates = [Path(named), Path.home() / ".terraform.d" / "plugins"]
    return [path for path in candidates if path.is_dir()]


def _address_of(product: Product, arn: str) -> str:
    description = "ELB " + arn.split("loadbalancer/", 1)[1]
    filters = [{"Name": "description", "Values": [description]}]
    found = product.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return str(sorted(entry["PrivateIpAddress"] for entry in found)[0])


def _assert_runs(product: Product, image: str) -> None:
    ecs = product.client("ecs")
    arns = ecs.list_tasks(cluster="shop")["taskArns"]
    tasks = ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"]
    assert [container["image"] for task in tasks for container in task["containers"]] == [image]
