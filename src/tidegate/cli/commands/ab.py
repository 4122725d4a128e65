"""`tidegate ab`."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer
from botocore.exceptions import BotoCoreError, ClientError

from tidegate.cli import ab_texts, shift_options
from tidegate.cli.clients import aws_client
from tidegate.cli.options import DataDir, command_app, fail, running_settings
from tidegate.cli.split_rules import UnknownRuleError, group_arn, rule_arn

app = command_app("A/B tests: target groups compared on live traffic, and weights shifted step by step.")

_LOOK_SECONDS = 1.0

Rule = Annotated[
    str, typer.Argument(help="A rule's or listener's ARN, or NAME[:PORT] of a load balancer: its listener.")
]
P = ParamSpec("P")


def _telling(command: Callable[P, None]) -> Callable[P, None]:
    """Errors as one line and exit code 1."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ClientError as error:
            fail(error.response["Error"]["Message"])
        except (UnknownRuleError, shift_options.OptionError, BotoCoreError) as error:
            fail(str(error))

    return told


@app.command()
@_telling
def compare(
    data_dir: DataDir,
    rule: Rule,
    window: Annotated[str, typer.Option(help="How far back: 90s, 5m, 1h.")] = "5m",
    baseline: Annotated[
        str | None, typer.Option(help="The target group to hold the others against; else the heaviest.")
    ] = None,
    confidence: Annotated[float, typer.Option(help="Of the intervals and the verdict, in percent.")] = 95.0,
) -> None:
    """Compare the target groups of a weighted rule: share, errors, response times, and what differs for sure.

    \b
    tidegate ab compare shop
    tidegate ab compare shop:443 --window 30m --baseline shop-v1
    """
    client, elbv2 = _clients(data_dir)
    chosen = {"BaselineTargetGroupArn": group_arn(elbv2, baseline)} if baseline else {}
    found = client.describe_comparison(
        RuleArn=rule_arn(elbv2, rule),
        WindowInSeconds=round(shift_options.duration(window)),
        ConfidencePercent=confidence,
        **chosen,
    )["Comparison"]
    for line in ab_texts.comparison(found):
        typer.echo(line)


_Limits = Annotated[list[str] | None, typer.Option(help="Roll back above this: 500ms, or baseline+50%.")]


@app.command()
@_telling
def shift(
    data_dir: DataDir,
    rule: Rule,
    to: Annotated[str, typer.Option(help="The target group that is to get the requests, by name or ARN.")],
    linear: Annotated[
        str | None, typer.Option(help="So much more in each step, and how long a step is: 10%/1m.")
    ] = None,
    canary: Annotated[
        str | None, typer.Option(help="A first step, how long it is, and then all: 10%/5m.")
    ] = None,
    until: Annotated[str, typer.Option(help="What the group has at the end.")] = "100%",
    baseline: Annotated[
        str | None, typer.Option(help="The target group that guards compare with; else the heaviest.")
    ] = None,
    guard_errors: Annotated[
        list[str] | None, typer.Option(help="Roll back above this error rate: 1%, or baseline+0.5%.")
    ] = None,
    guard_p50: _Limits = None,
    guard_p95: _Limits = None,
    guard_p99: _Limits = None,
    window: Annotated[str, typer.Option(help="Guards look at so much of a step's end.")] = "1m",
    requests: Annotated[int, typer.Option(help="A step passes on so many requests in its window.")] = 50,
    patience: Annotated[
        str, typer.Option(help="A step that has not passed so long after its time is rolled back.")
    ] = "10m",
    wait: Annotated[
        bool, typer.Option(help="Print its events until it is over; Ctrl-C lets it go on.")
    ] = True,
) -> None:
    """Shift a rule's requests to one of its target groups step by step, and back if a guard is broken.

    Exits 1 when it is rolled back, or stopped by whoever changes the weights.

    \b
    tidegate ab shift shop --to shop-v2 --linear 10%/1m --guard-errors 1% --guard-p95 500ms
    tidegate ab shift shop --to shop-v2 --canary 5%/10m --guard-p95 baseline+50%
    """
    times = {"p50": guard_p50 or [], "p95": guard_p95 or [], "p99": guard_p99 or []}
    asked: dict[str, Any] = {
        **shift_options.strategy(linear, canary),
        "UntilPercent": shift_options.whole_percent(until),
        "Guards": shift_options.guards(guard_errors or [], times),
        "WindowInSeconds": round(shift_options.duration(window)),
        "MinimumRequests": requests,
        "PatienceInSeconds": round(shift_options.duration(patience)),
    }
    client, elbv2 = _clients(data_dir)
    if baseline:
        asked["BaselineTargetGroupArn"] = group_arn(elbv2, baseline)
    started = client.start_shift(RuleArn=rule_arn(elbv2, rule), TargetGroupArn=group_arn(elbv2, to), **asked)[
        "Shift"
    ]
    typer.echo(started["ShiftId"])
    if wait:
        _follow(client, started["ShiftId"])


@app.command()
@_telling
def status(
    data_dir: DataDir,
    rule: Annotated[str | None, typer.Argument(help="Of this rule only.", show_default=False)] = None,
) -> None:
    """Show shifts, newest first: where they are, what their guards read, and what happened."""
    client, elbv2 = _clients(data_dir)
    asked = {"RuleArn": rule_arn(elbv2, rule)} if rule else {}
    found = client.describe_shifts(**asked)["Shifts"]
    if not found:
        typer.echo("no shifts yet: start one with `tidegate ab shift`", err=True)
    for one in found:
        for line in ab_texts.shift(one):
            typer.echo(line)


@app.command()
@_telling
def stop(
    data_dir: DataDir,
    named: Annotated[str, typer.Argument(metavar="SHIFT|RULE", help="A shift's id, or its rule.")],
    roll_back: Annotated[
        bool, typer.Option("--roll-back", help="Restore the weights that it found; else they stay.")
    ] = False,
) -> None:
    """Stop a shift where it is, or roll it back."""
    client, elbv2 = _clients(data_dir)
    if not named.startswith("shift-"):
        found = client.describe_shifts(RuleArn=rule_arn(elbv2, named))["Shifts"]
        going_on = [one["ShiftId"] for one in found if one["Status"] == "IN_PROGRESS"]
        if not going_on:
            fail(f"no shift of {named} is in progress")
        named = going_on[0]
    stopped = client.stop_shift(ShiftId=named, RollBack=roll_back)["Shift"]
    typer.echo(f"{stopped['ShiftId']} {stopped['Status']}: {stopped['StatusReason']}")


def _clients(data_dir: Path) -> tuple[Any, Any]:
    settings = running_settings(data_dir)
    return aws_client("tidegate", settings), aws_client("elbv2", settings)


def _follow(client: Any, shift_id: str) -> None:
    told = 0
    try:
        while True:
            (found,) = client.describe_shifts(ShiftIds=[shift_id])["Shifts"]
            for one in found["Events"][told:]:
                typer.echo(ab_texts.event(one))
            told = len(found["Events"])
            if found["Status"] != "IN_PROGRESS":
                raise typer.Exit(0 if found["Status"] == "SUCCEEDED" else 1)
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        fail(f"no longer waiting: {shift_id} goes on")
