"""The log driver `awslogs`: ships what containers write to CloudWatch Logs.

Theory of operation. On either runtime a container's output goes to files on this host, whatever becomes of
control: `NAME.log` and, when that is full, `NAME.log.1` and older ones. So a container is never held up, and
what it wrote waits in the files while control is away. The shipper reads them from where it has come to, as
`PutLogEvents` with the instance's credentials, as Docker's own driver does.

Nothing is put twice: before a batch is sent, a file of the agent's says which bytes of which log it is. An
agent that was killed meanwhile sends the very same batch again, and control, which keeps how far a stream has
come together with its events, knows it (`fleet.log_shipments`).
"""

from tidegate.agent.awslogs.driver import LogDriver
from tidegate.agent.awslogs.shipper import Shipper

__all__ = ["LogDriver", "Shipper"]
