"""Who sends a request: what HAProxy asks the balancer about, and what the balancer asks identity providers.

Nothing of this is on the path of a request whose token or session HAProxy can check by itself.
"""

from tidegate.balancer.identity.identity import SOCKET_NAME, Identity

__all__ = ["SOCKET_NAME", "Identity"]
