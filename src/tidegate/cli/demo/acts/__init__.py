"""The acts in order."""

from tidegate.cli.demo.acts.ab_test import AbTest
from tidegate.cli.demo.acts.deploy import Deploy
from tidegate.cli.demo.acts.endpoints import Endpoints
from tidegate.cli.demo.acts.failures import Failures
from tidegate.cli.demo.acts.instances import Instances
from tidegate.cli.demo.acts.linked_containers import LinkedContainers
from tidegate.cli.demo.acts.load_balancer import LoadBalancer
from tidegate.cli.demo.acts.network import Network
from tidegate.cli.demo.acts.scaling import Scaling
from tidegate.cli.demo.acts.service import RunService
from tidegate.cli.demo.acts.stop import Stop
from tidegate.cli.demo.acts.task_definition import TaskDefinition
from tidegate.cli.demo.acts.wrong_vpc import WrongVpc
from tidegate.cli.demo.story import Act

ACTS: tuple[Act, ...] = (
    Network(),
    LoadBalancer(),
    WrongVpc(),
    Instances(),
    TaskDefinition(),
    RunService(),
    Deploy(),
    Stop(),
    Failures(),
    Endpoints(),
    LinkedContainers(),
    Scaling(),
    AbTest(),
)

__all__ = ["ACTS"]
