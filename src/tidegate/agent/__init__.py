"""The node process: makes a container runtime match what control assigned, and reports what is.

Speaks Amazon's own agent protocol (ACS over a websocket, state reports over the ECS API), so that hosts
may run Amazon's agent instead. Containers outlive their agent: a new one finds them by name and goes on.
"""

from tidegate.agent.settings import AgentSettings

__all__ = ["AgentSettings"]
