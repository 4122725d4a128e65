"""What workers of HAProxy's that have been replaced should know of servers: of groups in use what the present
one knows, and of backends that only they have what is left of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from tidegate.balancer.decisions.servers import Server, server_name
from tidegate.fleet.balancing import FormerGroupDocument

# Of a group: its backends, and of each the servers by name.
Backends = Mapping[str, Mapping[str, Server]]


@dataclass(slots=True)
class LeftGroups:
    """`backends`: by group, those that the present worker has no more, with the servers of when it had them;
    `documents`: what control has said since then of groups that are not in use."""

    backends: dict[str, dict[str, Mapping[str, Server]]] = field(default_factory=dict)
    documents: dict[str, FormerGroupDocument] = field(default_factory=dict)

    def note(self, before: Mapping[str, Backends], now: Mapping[str, Backends]) -> None:
        """Another file has been loaded: its groups with their backends, and those of the one before."""
        for arn, found in before.items():
            self.backends.setdefault(arn, {}).update(found)
        for arn, found in now.items():
            self.documents.pop(arn, None)
            for backend in found:
                self.backends.get(arn, {}).pop(backend, None)

    def keep(self, backends: Collection[str], in_use: Collection[str]) -> None:
        """Forget all but these backends, as no worker has others, and what was said of other groups than
        those that have one or are in use."""
        kept = {
            arn: {backend: servers for backend, servers in found.items() if backend in backends}
            for arn, found in self.backends.items()
        }
        self.backends = {arn: found for arn, found in kept.items() if found}
        known = {*self.backends, *in_use}
        self.documents = {arn: one for arn, one in self.documents.items() if arn in known}

    def of_group(self, arn: str, known: Backends | None) -> dict[str, Mapping[str, Server]]:
        """What replaced workers should know of one group. `known`: what the present one knows, None where the
        group is not in use."""
        found = self.backends.get(arn, {})
        if known is None:
            return {backend: self._remaining(arn, servers) for backend, servers in found.items()}
        if not found:
            return dict(known)
        # Its zones are others by now: the backends of before send to all targets.
        everywhere = {name: server for servers in known.values() for name, server in servers.items()}
        return {**dict.fromkeys(found, everywhere), **known}

    def of_all(self, known: Mapping[str, Backends]) -> dict[str, Mapping[str, Server]]:
        """What replaced workers should know."""
        arns = known.keys() | self.backends.keys()
        return {
            backend: servers
            for arn in sorted(arns)
            for backend, servers in self.of_group(arn, known.get(arn)).items()
        }

    def _remaining(self, arn: str, servers: Mapping[str, Server]) -> Mapping[str, Server]:
        """Those that are still in the group. New ones are not added: nobody asks for their health."""
        document = self.documents.get(arn)
        if document is None:
            return servers
        serving = {server_name(one.id, one.port): one.status == "active" for one in document.targets}
        return {
            name: replace(server, is_ready=server.is_ready and serving[name])
            for name, server in servers.items()
            if name in serving
        }
