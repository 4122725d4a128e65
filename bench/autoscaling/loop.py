"""`bench/autoscale --policy requests|cpu|memory --runtime docker|process --pictures FOLDER`.

Starts a Tidegate of its own at twelve times AWS's pace. By the requests for each target it makes the
users-service scalable, and sends it a step, a spike and a load that swings; by CPU and by memory a service
whose requests cost a known amount of it, under a step. Every second the desired count and the running tasks
are written down. No request may fail; the count stays within its bounds, is what the documented algorithm
asks for, and never goes in less than the low alarm's time after it went out. Exits 1 otherwise.
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
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.autoscaling.curve import (
    SPAN_SECONDS,
    Bounds,
    Move,
    Point,
    Second,
    counts,
    faults,
    measured_faults,
    moves,
)
from bench.autoscaling.picture import svg
from bench.autoscaling.subjects import SUBJECTS, Phases, Subject
from tidegate.cli.demo.acts.instances import Instances
from tidegate.cli.demo.acts.load_balancer import LoadBalancer
from tidegate.cli.demo.acts.network import Network
from tidegate.cli.demo.acts.scaling import target
from tidegate.cli.demo.load import LoadGenerator, Tally
from tidegate.cli.demo.stage import StageError, set_stage, tidegate
from tidegate.cli.demo.story import CLUSTER, DEMO_TIMINGS, SERVICE, ActFailedError, Story

MINIMUM, MAXIMUM = 1, 4
LOW_MINUTES = 15
# From the end of a span to the move that follows from it, and some.
LATE_SECONDS = 10


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runtime", choices=("docker", "process", "auto"), default="auto")
    parser.add_argument("--policy", choices=tuple(SUBJECTS), default="requests")
    parser.add_argument("--run", default="all", help="one of the policy's runs")
    parser.add_argument("--pictures", type=Path, help="where to draw the curves")
    options = parser.parse_args(arguments)
    subject = SUBJECTS[options.policy]
    if options.run not in ("all", *subject.runs):
        parser.error(f"--run takes {', '.join(subject.runs)} or all")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="tidegate-autoscale-", dir="/tmp"))
    is_good = False
    try:
        story = Story(set_stage(folder / "data", options.runtime, DEMO_TIMINGS, console), console)
        _prepare(story, subject)
        named = subject.runs if options.run == "all" else {options.run: subject.runs[options.run]}
        played = [_play(story, subject, name, options.pictures) for name in named]
        is_good = all(played)
    except (ActFailedError, StageError, TimeoutError) as error:
        console.print(f"[red]The run broke off:[/red] {error}", soft_wrap=True)
    finally:
        tidegate(folder / "data", "down", *(["--purge"] if is_good else []))
        if is_good:
            shutil.rmtree(folder)
    return 0 if is_good else 1


def _prepare(story: Story, subject: Subject) -> None:
    """The network, the load balancer, two instances and the service, scalable."""
    Network().play(story)
    LoadBalancer().play(story)
    Instances().play(story)
    answer = story.ecs.register_task_definition(**subject.definition(story))
    use = dict(zip(("containerName", "containerPort"), subject.container, strict=True))
    story.ecs.create_service(
        cluster=CLUSTER,
        serviceName=SERVICE,
        taskDefinition=answer["taskDefinition"]["taskDefinitionArn"],
        desiredCount=1,
        loadBalancers=[{"targetGroupArn": story.props.target_group_arn, **use}],
    )
    story.steady(1)
    story.autoscaling.register_scalable_target(**target(), MinCapacity=MINIMUM, MaxCapacity=MAXIMUM)
    story.autoscaling.put_scaling_policy(
        **target(),
        PolicyName="bench",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": subject.target,
            "PredefinedMetricSpecification": subject.policy(story),
        },
    )


def _play(story: Story, subject: Subject, name: str, pictures: Path | None) -> bool:
    """One run from one task on; whether nothing speaks against it."""
    story.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
    story.steady(1)
    began_at = story.autoscaling.describe_scaling_activities(**target())["ScalingActivities"]
    began = datetime.now(UTC)
    seconds, tallies = _watched(story, subject, subject.runs[name])
    speed = story.stage.timings.scaling_speed
    # The first low datapoint may have begun while the alarm that made it low was still to be looked at.
    low_seconds = LOW_MINUTES * 60 / speed - LATE_SECONDS
    bounds = Bounds(minimum=MINIMUM, maximum=MAXIMUM, low_seconds=low_seconds)
    points = _measured(story, subject, began)
    if subject.metric is None:
        found = list(faults(seconds, subject.per_task, bounds))
    else:
        late = LATE_SECONDS + subject.late_seconds
        found = list(measured_faults(seconds, points, subject.target, bounds, late))
    sent = sum(tally.sent for tally in tallies)
    found += [tally.reasons() for tally in tallies if tally.failures]
    changes = moves(seconds, subject.per_task)
    found += _untold(story, changes, len(began_at))
    text = ", ".join(f"{m.before} to {m.after} at {m.at:.0f} s" for m in changes)
    story.say(f"{name}: {text or 'no move'}; {sent} requests; {'; '.join(found) or 'as it must be'}")
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        picture = svg(
            name, seconds, subject.per_task, MAXIMUM, [(p.at, p.value / subject.target) for p in points]
        )
        (pictures / f"scaling-{name}.svg").write_text(picture)
        rows = {"seconds": [asdict(one) for one in seconds], "points": [asdict(one) for one in points]}
        (pictures / f"scaling-{name}.json").write_text(json.dumps(rows))
    return not found


def _untold(story: Story, changes: Sequence[Move], known: int) -> list[str]:
    """What the activities beyond those that were `known` say otherwise than the curve."""
    activities = story.autoscaling.describe_scaling_activities(**target())["ScalingActivities"]
    new = activities[: len(activities) - known]
    told = counts([one["Description"] for one in reversed(new)])
    changed = [move.after for move in changes]
    return [] if told == changed else [f"the activities tell of {told}, the curve of {changed}"]


def _measured(story: Story, subject: Subject, began: datetime) -> list[Point]:
    """The points of the policy's own metric since then, five seconds each."""
    if subject.metric is None:
        return []
    dimensions = [{"Name": "ClusterName", "Value": CLUSTER}, {"Name": "ServiceName", "Value": SERVICE}]
    metric = {"Namespace": "AWS/ECS", "MetricName": subject.metric, "Dimensions": dimensions}
    stat = {"Metric": metric, "Period": SPAN_SECONDS, "Stat": "Average"}
    (result,) = story.cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": stat}],
        StartTime=began,
        EndTime=datetime.now(UTC),
        ScanBy="TimestampAscending",
    )["MetricDataResults"]
    return [
        Point((at - began).total_seconds(), value)
        for at, value in zip(result["Timestamps"], result["Values"], strict=True)
    ]


def _watched(story: Story, subject: Subject, phases: Phases) -> tuple[list[Second], list[Tally]]:
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
            props.address, props.port, host=props.dns_name, rate=requests, kinds=subject.kinds
        ) as load:
            time.sleep(duration)
            tallies.append(load.stop())
    stopping.set()
    watcher.join()
    return seconds, tallies


if __name__ == "__main__":
    raise SystemExit(main())
