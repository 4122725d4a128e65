"""`bench/autoscale --runtime docker|process --pictures FOLDER`.

Starts a Tidegate of its own at twelve times AWS's pace, makes the users-service scalable by the requests for
each target, and sends it a step, a spike and a load that swings. Every second the desired count and the
running tasks are written down. No request may fail; the count stays within its bounds, is what the documented
algorithm asks for, and never goes in less than the low alarm's time after it went out. Exits 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from bench.autoscaling.curve import Bounds, Second, counts, faults, moves
from bench.autoscaling.picture import svg
from tidegate.cli.demo.acts.instances import Instances
from tidegate.cli.demo.acts.load_balancer import LoadBalancer
from tidegate.cli.demo.acts.network import Network
from tidegate.cli.demo.acts.scaling import label, target
from tidegate.cli.demo.acts.task_definition import users_service_definition
from tidegate.cli.demo.load import Kind, LoadGenerator, Tally
from tidegate.cli.demo.stage import StageError, set_stage, tidegate
from tidegate.cli.demo.story import CLUSTER, DEMO_TIMINGS, SERVICE, ActFailedError, Story

# Requests a second that one task is to answer; the policy's target is a minute of them.
PER_TASK = 10.0
MINIMUM, MAXIMUM = 1, 4
LOW_MINUTES = 15
# From the end of a span to the move that follows from it, and some.
LATE_SECONDS = 10
KINDS = (
    Kind(name="kept alive", path="/ping", weight=4),
    Kind(name="new connection", path="/ping", keep_alive=False),
)
# (requests a second, seconds)
Phases = Sequence[tuple[float, float]]
RUNS: dict[str, Phases] = {
    "step": ((5, 30), (32, 60), (5, 150)),
    # Less than three periods, whenever it begins.
    "spike": ((5, 20), (60, 4), (5, 40)),
    "swings": ((5, 20), *((25, 20), (5, 20)) * 4, (5, 120)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runtime", choices=("docker", "process", "auto"), default="auto")
    parser.add_argument("--run", choices=(*RUNS, "all"), default="all")
    parser.add_argument("--pictures", type=Path, help="where to draw the curves")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="tidegate-autoscale-", dir="/tmp"))
    is_good = False
    try:
        story = Story(set_stage(folder / "data", options.runtime, DEMO_TIMINGS, console), console)
        _prepare(story)
        named = RUNS if options.run == "all" else {options.run: RUNS[options.run]}
        played = {name: _play(story, name, phases, options.pictures) for name, phases in named.items()}
        is_good = all(played.values())
    except (ActFailedError, StageError, TimeoutError) as error:
        console.print(f"[red]The run broke off:[/red] {error}", soft_wrap=True)
    finally:
        tidegate(folder / "data", "down", *(["--purge"] if is_good else []))
        if is_good:
            shutil.rmtree(folder)
    return 0 if is_good else 1


def _prepare(story: Story) -> None:
    """The network, the load balancer, two instances and the service, scalable."""
    Network().play(story)
    LoadBalancer().play(story)
    Instances().play(story)
    answer = story.ecs.register_task_definition(**users_service_definition(story, host_port=0))
    use = {"containerName": "users-service", "containerPort": 5000}
    story.ecs.create_service(
        cluster=CLUSTER,
        serviceName=SERVICE,
        taskDefinition=answer["taskDefinition"]["taskDefinitionArn"],
        desiredCount=1,
        loadBalancers=[{"targetGroupArn": story.props.target_group_arn, **use}],
    )
    story.steady(1)
    story.autoscaling.register_scalable_target(**target(), MinCapacity=MINIMUM, MaxCapacity=MAXIMUM)
    metric = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label(story)}
    story.autoscaling.put_scaling_policy(
        **target(),
        PolicyName="requests",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": PER_TASK * 60,
            "PredefinedMetricSpecification": metric,
        },
    )


def _play(story: Story, name: str, phases: Phases, pictures: Path | None) -> bool:
    """One run from one task on; whether nothing speaks against it."""
    story.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
    story.steady(1)
    began_at = story.autoscaling.describe_scaling_activities(**target())["ScalingActivities"]
    seconds, tallies = _watched(story, phases)
    speed = story.stage.timings.scaling_speed
    # The first low datapoint may have begun while the alarm that made it low was still to be looked at.
    low_seconds = LOW_MINUTES * 60 / speed - LATE_SECONDS
    bounds = Bounds(minimum=MINIMUM, maximum=MAXIMUM, low_seconds=low_seconds)
    found = list(faults(seconds, PER_TASK, bounds))
    sent = sum(tally.sent for tally in tallies)
    found += [tally.reasons() for tally in tallies if tally.failures]
    activities = story.autoscaling.describe_scaling_activities(**target())["ScalingActivities"]
    new = activities[: len(activities) - len(began_at)]
    told = counts([one["Description"] for one in reversed(new)])
    changed = [move.after for move in moves(seconds, PER_TASK)]
    if told != changed:
        found.append(f"the activities tell of {told}, the curve of {changed}")
    text = ", ".join(f"{m.before} to {m.after} at {m.at:.0f} s" for m in moves(seconds, PER_TASK))
    story.say(f"{name}: {text or 'no move'}; {sent} requests; {'; '.join(found) or 'as it must be'}")
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        (pictures / f"scaling-{name}.svg").write_text(svg(name, seconds, PER_TASK, MAXIMUM))
        rows = [asdict(second) for second in seconds]
        (pictures / f"scaling-{name}.json").write_text(json.dumps(rows))
    return not found


def _watched(story: Story, phases: Phases) -> tuple[list[Second], list[Tally]]:
    """What was there each second while the load went through its phases."""
    seconds: list[Second] = []
    rate, stopping, began = [phases[0][0]], threading.Event(), time.monotonic()

    def watch() -> None:
        while not stopping.is_set():
            row = story.service()
            at = time.monotonic() - began
            seconds.append(Second(at, rate[0], row["desiredCount"], row["runningCount"]))
            stopping.wait(1)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    tallies, props = [], story.props
    for requests, duration in phases:
        rate[0] = requests
        with LoadGenerator(
            props.address, props.port, host=props.dns_name, rate=requests, kinds=KINDS
        ) as load:
            time.sleep(duration)
            tallies.append(load.stop())
    stopping.set()
    watcher.join()
    return seconds, tallies


if __name__ == "__main__":
    raise SystemExit(main())
