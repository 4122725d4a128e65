"""Act 7: a new revision rolls out while the load goes on."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tidegate.cli.demo.acts.task_definition import users_service_definition
from tidegate.cli.demo.story import CLUSTER, SERVICE, Story, check
from tidegate.cli.places import command_line


class Deploy:
    number = 7
    title = "Deploy"

    def play(self, story: Story) -> Sequence[str]:
        definition = users_service_definition(story, host_port=0)
        definition["containerDefinitions"][0]["environment"].append({"name": "RELEASE", "value": "3"})
        folder = story.stage.data_dir / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "ecs_taskdefinition.json"
        file.write_text(json.dumps(definition, indent=2))
        return roll_out(story, file)


def roll_out(story: Story, file: Path) -> Sequence[str]:
    """Deploy the file with `tidegate deploy` at desired 1 and check what the service and load saw."""
    (before,) = story.tasks()
    known = len(story.events())
    story.load.mark()
    story.show("ecs", "register-task-definition", cli_input_json=f"file://{file}")
    family = json.loads(file.read_text())["family"]
    story.show("ecs", "update-service", cluster=CLUSTER, service=SERVICE, task_definition=family)
    words = f"deploy {shlex.quote(str(file))} --cluster {CLUSTER} --service {SERVICE}"
    story.say(f"both in one: {command_line(words, story.stage.data_dir)}")
    began = time.monotonic()
    counts, drained = _watch(story, _start(story, file), before["taskArn"])
    took = time.monotonic() - began

    events = story.events(since=known)
    old = before["taskArn"].rsplit("/", 1)[-1]
    for part in ("has begun draining connections on 1 tasks.", f"has stopped 1 running tasks: (task {old})."):
        check(any(part in event for event in events), f"no event says '{part}'")
    check(counts == [1, 2, 1], f"the running tasks went {counts} instead of [1, 2, 1]")
    least = story.stage.timings.drain_seconds - 1.5
    check(drained >= least, f"the old target drained for {drained:.1f} s instead of at least {least:g} s")
    (after,) = story.steady(1)
    story.expect_started(1, since=known)
    check(after["taskDefinitionArn"] != before["taskDefinitionArn"], "the old revision still runs")
    tally = story.load.mark()
    story.expect_no_failure(tally)
    return [
        f"tasks 1, 2, 1 in {took:.0f} s, of which draining {drained:.0f} s",
        f"0 of {tally.sent} requests failed, p99 {tally.percentile(0.99) * 1000:.0f} ms",
    ]


def _start(story: Story, file: Path) -> subprocess.Popen[str]:
    stage = story.stage
    command = [sys.executable, "-m", "tidegate.cli.main", "deploy", str(file)]
    command += ["--cluster", CLUSTER, "--service", SERVICE, "--data-dir", str(stage.data_dir)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _watch(story: Story, deploy: subprocess.Popen[str], old_task: str) -> tuple[list[int], float]:
    """The running counts in order of appearance, and the seconds for which the old target drained.

    Raises ActFailedError when the command fails.
    """
    binding = story.task(old_task)["containers"][0]["networkBindings"][0]["hostPort"]
    counts: list[int] = []
    draining_since: float | None = None
    drained = 0.0
    deadline = time.monotonic() + 120 + story.stage.timings.drain_seconds
    while deploy.poll() is None or story.service()["runningCount"] != 1:
        running = story.service()["runningCount"]
        if not counts or counts[-1] != running:
            counts.append(running)
        states = {port: state for (_, port), state in story.target_states().items()}
        if states.get(binding) == "draining":
            draining_since = draining_since or time.monotonic()
            drained = time.monotonic() - draining_since
        check(time.monotonic() < deadline, f"the deployment did not end; running counts so far {counts}")
        time.sleep(0.1)
    output = deploy.stdout.read() if deploy.stdout else ""
    for line in output.splitlines():
        story.say(line)
    check(deploy.returncode == 0, f"tidegate deploy exited {deploy.returncode}")
    if counts[-1] != 1:
        counts.append(1)
    return counts, drained
