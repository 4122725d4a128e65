"""All nodes of a simulated region: what breaks among them, and how their news reaches control."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from tidegate.control.decisions.invariants import Fault
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    CONTAINER_INSTANCES,
    INSTANCES,
    SERVICES,
    TARGET_GROUPS,
    TARGETS,
    TASKS,
)
from tidegate.domain.elbv2 import Target
from tidegate.testing.builders import a_container_instance, an_instance
from tidegate.testing.region.agents import Agent, Quality, Report, Run, observe, observe_health
from tidegate.testing.region.balancer import Balancer
from tidegate.testing.region.users import Action

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
_ENOUGH_INSTANCES = 8


class Nodes:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = random.Random(f"nodes {seed}")
        self._agents: dict[str, Agent] = {}
        self._made = 0
        self.balancer = Balancer(random.Random(f"balancer {seed}"), self._answering)

    @property
    def alive(self) -> list[Agent]:
        return [agent for _, agent in sorted(self._agents.items()) if agent.is_alive]

    def break_something(self, now: datetime) -> str:
        """Some trouble, told in a line of history."""
        if not self.alive:
            return "trouble: nothing left to break"
        victim = self._chance.choice(self.alive)
        kinds = {"container": 8, "agent": 5, "host": 2, "zone": 1, "balancer": 2}
        kind = self._chance.choices(list(kinds), list(kinds.values()))[0]
        if kind == "container":
            victim.kill_one(now)
        elif kind == "agent":
            victim.disconnect(now + timedelta(seconds=self._chance.choice((1, 5, 20, 45))))
        elif kind == "host":
            victim.die()
        elif kind == "zone":
            for agent in self.alive:
                if agent.zone == victim.zone:
                    agent.die()
        else:
            self.balancer.forget()
        return f"trouble: {kind} {victim.ec2_id} in {victim.zone}"

    def heal(self, now: datetime) -> None:
        for agent in self.alive:
            agent.reconnects_at = now

    def lose_sessions(self, now: datetime) -> None:
        """Control died: agents find the new one one by one."""
        for agent in self.alive:
            agent.disconnect(now + timedelta(seconds=self._chance.uniform(0, 5)))

    def launch_missing(self, now: datetime) -> Action | None:
        """RunInstances for what died, so that there is room for what is asked."""
        if len(self.alive) >= _ENOUGH_INSTANCES:
            return None
        self._made += 1
        number, zone = self._made, ZONES[self._made % len(ZONES)]
        row = a_container_instance(number, zone=zone, cpu=2048, memory_mib=1024)
        row = replace(row, registered_at=now, connected_at=now)
        chance = random.Random(f"agent {self._seed} {number}")
        self._agents[row.arn] = Agent(row.arn, row.ec2_instance_id or "", zone, chance)

        def action(tx: Transaction) -> None:
            tx.put(INSTANCES, an_instance(number, zone=zone))
            tx.put(CONTAINER_INSTANCES, row)

        return action

    def sessions(self, snapshot: Snapshot, now: datetime) -> list[Action]:
        """What control notices of connections; hosts that it gave up are switched off."""
        actions: list[Action] = []
        for arn, agent in sorted(self._agents.items()):
            row = snapshot.get(CONTAINER_INSTANCES, arn)
            if row is None or row.status == "INACTIVE":
                agent.die()
                continue
            agent.reconnect_if_due(now)
            if row.agent_connected != agent.is_connected:
                actions.append(_session_change(arn, agent.is_connected, now))
        return actions

    def hear(self, snapshot: Snapshot, qualities: Mapping[str, Quality], now: datetime) -> None:
        """Assignments go to agents, documents to the balancer; then both do a piece of their work."""
        for agent in self.alive:
            if agent.is_connected:
                agent.hear(snapshot.by(TASKS, "live_on_instance", agent.instance_arn), qualities, now)
            agent.work(now)
        self.balancer.hear(
            {
                group.arn: list(snapshot.by(TARGETS, "target_group", group.arn))
                for group in snapshot.all(TARGET_GROUPS)
            }
        )
        self.balancer.probe(now)

    def mail(self) -> list[tuple[Agent, Report]]:
        """Reports that reach control now."""
        return [(agent, report) for agent in self.alive if agent.is_connected for report in agent.mail()]

    def telemetry(self, now: datetime, checked: Collection[str]) -> list[Action]:
        """What agents publish now of the health of tasks of the `checked` definitions."""
        return [
            partial(observe_health, healths=healths, checked=checked)
            for agent in self.alive
            if agent.is_connected and (healths := agent.healths(now))
        ]

    def faults(self, snapshot: Snapshot) -> list[Fault]:
        """What only the nodes can see: tasks started twice, requests at another service's container."""
        found = [
            Fault("a task is started once", arn, f"{count} times on {agent.ec2_id}")
            for agent in self.alive
            for arn, count in agent.starts.items()
            if count > 1
        ]
        for target in self.balancer.served():
            run = self._answering(target)
            service = snapshot.get(SERVICES, run.service_arn) if run and run.service_arn else None
            if run is None or service is None or target.registered_by is None:
                continue
            if target.target_group_arn not in {use.target_group_arn for use in service.load_balancers}:
                detail = f"requests for {target.target_group_arn} reach {run.task_arn}"
                found.append(Fault("requests reach their own service", target.key, detail))
        return found

    def _answering(self, target: Target) -> Run | None:
        for agent in self._agents.values():
            if agent.ec2_id == target.id and agent.is_alive:
                return agent.listening(target.port)
        return None


def _session_change(arn: str, is_connected: bool, now: datetime) -> Action:
    def action(tx: Transaction) -> None:
        row = tx.get(CONTAINER_INSTANCES, arn)
        if row is None:
            return
        if is_connected:
            tx.put(CONTAINER_INSTANCES, replace(row, agent_connected=True, connected_at=now))
        else:
            tx.put(CONTAINER_INSTANCES, replace(row, agent_connected=False, disconnected_at=now))

    return action


def arrival(report: Report, now: datetime) -> Action:
    """The transaction that a report becomes."""
    return lambda tx: observe(tx, report, now)
