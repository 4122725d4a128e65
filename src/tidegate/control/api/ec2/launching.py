"""What a launch comes down to: the cluster that the user data names, the address, the subnet.

Pure: the operations in `instances` fill and use it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Mapping

from tidegate.domain.ec2 import Subnet

USER_DATA_BYTES_MAX = 16384
_HOSTS = range(1, 255)
# As in /etc/ecs/ecs.config, whether it is echoed, in a here-document or in a cloud-config.
_CLUSTER = re.compile(r"\bECS_CLUSTER\s*=\s*[\"']?([A-Za-z0-9_-]{1,255})")


class InvalidUserDataError(Exception):
    """The user data is not base64, or too long; `args[0]` is AWS's text."""


def decoded_user_data(encoded: str) -> str:
    """User data as the instance would read it. Raises InvalidUserDataError."""
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidUserDataError("Invalid BASE64 encoding of user data.") from error
    if len(content) > USER_DATA_BYTES_MAX:
        raise InvalidUserDataError("User data is limited to 16384 bytes")
    return content.decode("utf-8", errors="replace")


def cluster_name(user_data: str) -> str | None:
    """The cluster that an ECS agent started with this user data would join: the last ECS_CLUSTER of a line
    that is no comment, since the agent's configuration file is read from top to bottom."""
    lines = [line for line in user_data.splitlines() if not line.lstrip().startswith("#")]
    found = _CLUSTER.findall("\n".join(lines))
    return found[-1] if found else None


def free_addresses(network: str, used: Collection[str], resting: Collection[str]) -> list[str]:
    """Addresses for new instances, the best first: those of instances that ended lately come last, as
    their containers may still be going away."""
    free = [address for host in _HOSTS if (address := f"{network}.1.{host}") not in used]
    return sorted(free, key=lambda address: address in resting)


def subnet_for_launch(
    subnets: Iterable[Subnet], instances_in: Mapping[str, int], balanced: Collection[str] = ()
) -> Subnet | None:
    """The default subnet with the fewest instances: EC2 chooses a zone, and here none is fuller. `balanced`:
    zones that load balancers serve. They come first: what runs elsewhere gets no request of theirs."""
    return min(
        (row for row in subnets if row.is_default_for_zone),
        key=lambda row: (
            row.availability_zone not in balanced,
            instances_in.get(row.id, 0),
            row.availability_zone,
        ),
        default=None,
    )
