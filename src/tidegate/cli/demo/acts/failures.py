"""Act 9: what breaks, and what the clients notice of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from tidegate.cli.demo.acts.instances import launch, wait_for_container_instances
from tidegate.cli.demo.load import Failure, Tally
from tidegate.cli.demo.sabotage import kill_container, refused_at
from tidegate.cli.demo.story import CLUSTER, SERVICE, Story, check
from tidegate.cli.places import command_line
from tidegate.cli.processes import process_ids

HEALING_SECONDS = 1.0


class Failures:
    number = 9
    title = "Failures"

    def play(self, story: Story) -> Sequence[str]:
        story.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=2)
        story.steady(2)
        story.load.mark()
        return [
            self._container(story),
            self._agent(story),
            self._instance(story),
            self._control(story),
            self._haproxy(story),
        ]

    def _container(self, story: Story) -> str:
        story.say("SIGKILL of a container")
        victim = story.tasks()[0]
        binding = victim["containers"][0]["networkBindings"][0]
        address = task_address(story, victim)
        pids = kill_container(address, binding["hostPort"], victim["containers"][0].get("runtimeId"))
        check(pids, "the container's processes were not found")
        killed_at = time.monotonic()
        gone_at = refused_at(address, binding["hostPort"])
        story.until("the task is stopped", lambda: _is_stopped(story, victim), 30)
        code = story.task(victim["taskArn"])["stopCode"]
        check(code == "EssentialContainerExited", f"the stop code is {code}")
        _wait_for_two_healthy(story)
        took = time.monotonic() - killed_at
        story.steady(2)
        return f"container: {losses(story.load.mark(), gone_at)}, replaced in {took:.1f} s"

    def _agent(self, story: Story) -> str:
        story.say("SIGKILL of an agent")
        before = {task["taskArn"]: task["startedAt"] for task in story.tasks()}
        instance_id = _instance_ids(story)[0]
        name = f"agent-{instance_id}"
        (pid,) = process_ids(story.stage.data_dir, name)
        os.kill(pid, signal.SIGKILL)
        story.until("the agent is restarted", lambda: process_ids(story.stage.data_dir, name) != [pid], 20)
        wait_for_container_instances(story, 2)
        story.steady(2)
        after = {task["taskArn"]: task["startedAt"] for task in story.tasks()}
        check(after == before, "tasks were replaced though only the agent died")
        tally = story.load.mark()
        story.expect_no_failure(tally)
        return f"agent: 0 of {tally.sent} failed, nothing replaced"

    def _instance(self, story: Story) -> str:
        victim = story.tasks()[0]
        instance_id = _instance_of(story, victim)
        story.say(f"$ {command_line(f'instance kill {instance_id}', story.stage.data_dir)}")
        killed_at = time.monotonic()
        command = [sys.executable, "-m", "tidegate.cli.main", "instance", "kill", instance_id]
        command += ["--data-dir", str(story.stage.data_dir)]
        port = victim["containers"][0]["networkBindings"][0]["hostPort"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as kill:
            gone_at = refused_at(task_address(story, victim), port)
        check(kill.returncode == 0, f"tidegate instance kill exited {kill.returncode}")
        patience = story.stage.timings.host_lost_after_seconds + 30
        story.until("its task is stopped", lambda: _is_stopped(story, victim), patience)
        reason = story.task(victim["taskArn"])["stoppedReason"]
        expected = f"Host EC2 (instance {instance_id}) terminated."
        check(reason == expected, f"the reason is '{reason}'")
        _wait_for_two_healthy(story)
        took = time.monotonic() - killed_at
        tally = story.load.mark()
        in_flight = [f for f in tally.failures if f.sent_at <= gone_at]
        check(len(in_flight) == len(tally.failures), f"later requests failed too: {tally.reasons()}")
        zone = story.props.subnet_ids[0]
        launch(story, zone, [story.props.security_group_id])
        wait_for_container_instances(story, 2)
        story.steady(2)
        story.load.mark()
        counted = f"{len(in_flight)} of {tally.sent} failed (allowed: those in flight on it)"
        return f"instance: {counted}, replaced in {took:.1f} s"

    def _control(self, story: Story) -> str:
        story.say("SIGKILL of control")
        tasks = {task["taskArn"] for task in story.tasks()}
        (pid,) = process_ids(story.stage.data_dir, "control")
        killed_at = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        story.ecs.list_clusters()
        took = time.monotonic() - killed_at
        story.until(
            "control is restarted",
            lambda: process_ids(story.stage.data_dir, "control") not in ([], [pid]),
            20,
        )
        story.steady(2)
        check({task["taskArn"] for task in story.tasks()} == tasks, "tasks were replaced by a restart")
        tally = story.load.mark()
        story.expect_no_failure(tally)
        return f"control: 0 of {tally.sent} failed, next API call answered after {took:.1f} s"

    def _haproxy(self, story: Story) -> str:
        story.say("SIGKILL of HAProxy")
        pids = process_ids(story.stage.data_dir, "haproxy")
        check(pids, "HAProxy's processes were not found")
        killed_at = time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        time.sleep(3)
        story.steady(2)
        return f"HAProxy: {outage(story.load.mark(), killed_at)}"


def losses(tally: Tally, gone_at: float) -> str:
    """What a killed container cost, counted apart. `gone_at`: when it took no more connections.

    Only a request that may not be sent twice and was inside the process that died may fail, and its client
    hears so. Raises ActFailedError.
    """
    inside = [one for one in tally.failures if _was_inside(one, gone_at)]
    check(len(inside) == len(tally.failures), f"a killed container cost requests: {tally.reasons()}")
    counted = f"repeatable failed: 0, not repeatable and inside the killed process: {len(inside)}"
    return f"{tally.sent} sent, {counted}"


def outage(tally: Tally, killed_at: float) -> str:
    """What a killed HAProxy cost: every connection was its own, so that requests may fail that were sent
    before it was back, which has to be within `HEALING_SECONDS`. Raises ActFailedError."""
    last = max((failure.sent_at - killed_at for failure in tally.failures), default=0.0)
    check(last <= HEALING_SECONDS, f"requests failed for {last:.2f} s: {tally.reasons()}")
    allowed = f"allowed: those sent before it is back, within {HEALING_SECONDS:g} s"
    when = f", the last one sent {max(0.0, last):.2f} s after the kill" if tally.failures else ""
    return f"{len(tally.failures)} of {tally.sent} failed{when} ({allowed})"


def _was_inside(failure: Failure, gone_at: float) -> bool:
    return not failure.is_repeatable and failure.sent_at <= gone_at and failure.reason == "status 502"


def _wait_for_two_healthy(story: Story) -> None:
    story.until(
        "two targets are healthy", lambda: list(story.target_states().values()).count("healthy") == 2, 60
    )


def _is_stopped(story: Story, task: dict[str, Any]) -> bool:
    return bool(story.task(task["taskArn"])["lastStatus"] == "STOPPED")


def _container_instance(story: Story, task: dict[str, Any]) -> dict[str, Any]:
    arn = task["containerInstanceArn"]
    answer = story.ecs.describe_container_instances(cluster=CLUSTER, containerInstances=[arn])
    described: dict[str, Any] = answer["containerInstances"][0]
    return described


def _instance_of(story: Story, task: dict[str, Any]) -> str:
    return str(_container_instance(story, task)["ec2InstanceId"])


def _instance_ids(story: Story) -> list[str]:
    return sorted(_instance_of(story, task) for task in story.tasks())


def task_address(story: Story, task: dict[str, Any]) -> str:
    """The address on which the task's host ports answer."""
    answer = story.ec2.describe_instances(InstanceIds=[_instance_of(story, task)])
    return str(answer["Reservations"][0]["Instances"][0]["PrivateIpAddress"])
