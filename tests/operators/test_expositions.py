"""What control and agents tell Prometheus, and that all that is told keeps Prometheus's rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from tests.agent.test_process_runtime import SETTINGS
from tests.operators.scrapes import SECRET_KEY, Scrape, balancer_scrape, operated, operated_agent

from tidegate.agent import exposition as agent_exposition
from tidegate.agent.runtime import ContainerState, RuntimeUnavailableError
from tidegate.control import exposition
from tidegate.control.api import front_ends
from tidegate.control.exposition import SERVICES_MAX
from tidegate.control.operators import ApiCalls
from tidegate.control.store.tables import CLUSTERS, METRIC_ALARMS, SERVICES, TASKS
from tidegate.domain.cloudwatch.alarm import ALARM
from tidegate.testing.alarms import an_alarm
from tidegate.testing.api import Api, api_context
from tidegate.testing.builders import a_cluster, a_service, a_task
from tidegate.testing.control import ControlHarness


def scraped(region: ControlHarness, calls: ApiCalls | None = None, **files: Path) -> Scrape:
    return Scrape.of(exposition.text(operated(region, calls, **files)))


def agent_scraped(folder: Path) -> Scrape:
    return Scrape.of(agent_exposition.text(operated_agent(replace(SETTINGS, data_dir=folder))))


@pytest.mark.parametrize(
    "scrape",
    [lambda _: scraped(ControlHarness()), agent_scraped, lambda _: balancer_scrape()],
    ids=["control", "agent", "balancer"],
)
def test_names_keep_prometheuss_rules_and_no_secret_is_told(
    scrape: Callable[[Path], Scrape], tmp_path: Path
) -> None:
    found = scrape(tmp_path)
    for name, kind in found.types.items():
        assert re.fullmatch(r"(tidegate|process)(_[a-z0-9]+)*", name), name
        if kind == "histogram":
            assert name.endswith("_seconds"), name
    # What counts up is a counter and says so, and nothing else does.
    counters = {name.removesuffix("_total") for name, kind in found.types.items() if kind == "counter"}
    assert {name.removesuffix("_total") for name in found.names if name.endswith("_total")} <= counters
    assert not counters & found.names
    assert "process_cpu_seconds_total" in found.names
    assert "process_resident_memory_bytes" in found.names
    assert found.value("tidegate_info", region="us-east-1") == 1
    assert SECRET_KEY not in found.text


def test_requests_are_counted_by_operations_that_are_served_and_all_others_are_one() -> None:
    calls = ApiCalls()
    ecs = Api(api_context(), front_ends(), note=calls.note).client("ecs")
    ecs.create_cluster(clusterName="one")
    ecs.create_cluster(clusterName="two")
    with pytest.raises(ClientError):
        ecs.describe_services(cluster="missing", services=["x"])
    with pytest.raises(ClientError):
        ecs.create_capacity_provider(name="not-served")
    found = scraped(ControlHarness(), calls)
    requests = "tidegate_api_requests_total"
    assert found.value(requests, service="ecs", operation="CreateCluster", status="200") == 2
    assert found.value(requests, service="ecs", operation="DescribeServices", status="400") == 1
    assert found.value(requests, service="other", operation="other", status="400") == 1
    seconds = "tidegate_api_request_seconds"
    assert found.value(f"{seconds}_count", operation="CreateCluster") == 2
    assert found.value(f"{seconds}_bucket", operation="CreateCluster", le="+Inf") == 2
    assert found.value(f"{seconds}_sum", operation="CreateCluster") > 0


async def test_the_region_is_told_by_states() -> None:
    region, service = ControlHarness(), a_service(desired=2)
    await region.found(service)
    await region.put(CLUSTERS, a_cluster())
    await region.put(METRIC_ALARMS, an_alarm(state=replace(an_alarm().state, value=ALARM)))
    found = scraped(region)
    assert found.value("tidegate_tasks", status="PENDING") == 2
    assert found.value("tidegate_tasks", status="RUNNING") == 0
    assert found.value("tidegate_services", status="ACTIVE") == 1
    assert found.value("tidegate_deployments", rollout_state="IN_PROGRESS") == 1
    assert found.value("tidegate_alarms", type="metric", state="ALARM") == 1
    assert found.value("tidegate_alarms", type="composite", state="OK") == 0
    assert found.value("tidegate_container_instances", status="ACTIVE") == 2
    tasks = {"cluster": a_cluster().name, "service": "web"}
    assert found.value("tidegate_service_tasks", **tasks, state="desired") == 2
    assert found.value("tidegate_service_tasks", **tasks, state="pending") == 2
    assert found.value("tidegate_service_tasks", **tasks, state="running") == 0
    assert found.value("tidegate_store_rows", table="tasks") == 2
    assert found.value("tidegate_agents_connected") == 0


async def test_controllers_tell_their_passes_and_what_they_carried_out() -> None:
    region = ControlHarness()
    await region.found(a_service(desired=2))
    found = scraped(region)
    services = {"controller": "services"}
    passes = found.value("tidegate_controller_passes_total", **services, outcome="done")
    assert passes == found.value("tidegate_controller_pass_seconds_count", **services)
    commits = found.value("tidegate_controller_commits_total", **services)
    assert 0 < commits <= passes
    # Another look at a world that is as it should be decides nothing.
    region.driver.wake("services", a_service().arn)
    await region.driver.settle()
    assert scraped(region).value("tidegate_controller_commits_total", **services) == commits
    assert found.value("tidegate_controller_passes_total", **services, outcome="error") == 0
    assert found.value("tidegate_controller_keys_failing", **services) == 0


async def test_control_is_ready_once_all_that_was_there_has_been_looked_at() -> None:
    region = ControlHarness()
    await region.store.transact(lambda tx: tx.put(SERVICES, a_service(desired=0)))
    region.restart()
    part = operated(region)
    assert part.waits_for() == ("the controllers' first look",)
    assert Scrape.of(exposition.text(part)).value("tidegate_ready") == 0
    await region.driver.settle()
    assert part.waits_for() == ()
    assert Scrape.of(exposition.text(part)).value("tidegate_ready") == 1


async def test_services_beyond_a_bound_are_counted_and_not_told() -> None:
    region = ControlHarness()
    rows = [a_service(f"s{number}", desired=1) for number in range(SERVICES_MAX + 2)]

    def put(tx: object) -> None:
        for row in rows:
            tx.put(SERVICES, row)  # type: ignore[attr-defined]

    await region.store.transact(put)
    found = scraped(region)
    assert found.value("tidegate_services_left_out") == 2
    assert sum(sample.name == "tidegate_service_tasks" for sample in found.samples) == 3 * SERVICES_MAX


def test_files_are_told_by_their_size_where_there_are_any(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"x" * 100)
    found = scraped(ControlHarness(), state=tmp_path / "state.db", metrics=tmp_path / "none.db")
    assert found.value("tidegate_store_file_bytes", file="state") == 100
    assert "metrics" not in {s.labels.get("file") for s in found.samples}


async def test_an_agent_tells_its_containers_errors_sessions_and_what_it_waits_for(tmp_path: Path) -> None:
    part = operated_agent(replace(SETTINGS, data_dir=tmp_path))
    assert part.waits_for() == ["its registration with control", "a session with control"]
    part.ledger.container_instance_arn = "arn:aws:ecs:us-east-1:000000000000:container-instance/c/1"
    part.acs.is_open, part.acs.opened = True, 3
    part.engine.states |= {
        ("t", name): ContainerState(task_id="t", name=name, status=status)
        for name, status in (("a", "running"), ("b", "running"), ("c", "stopped"))
    }
    assert part.waits_for() == []
    part.engine.note_unavailable(RuntimeUnavailableError("away"))
    part.shipper.lost = 2
    assert part.waits_for() == ["an answer of the process runtime"]
    found = Scrape.of(agent_exposition.text(part))
    assert _values(found, "tidegate_agent_containers", "state") == {"created": 0, "running": 2, "stopped": 1}
    assert _values(found, "tidegate_agent_session_open", "session") == {"acs": 1, "tcs": 0}
    assert found.value("tidegate_agent_sessions_opened_total", session="acs") == 3
    assert found.value("tidegate_agent_runtime_errors_total", kind="unavailable") == 1
    assert found.value("tidegate_agent_reports_waiting") == 0
    assert found.value("tidegate_agent_log_losses_total") == 2
    assert found.value("tidegate_ready") == 0
    assert found.value("tidegate_info", part="agent", instance_id=SETTINGS.instance_id) == 1


async def test_tasks_of_a_service_are_told_by_what_they_do() -> None:
    region = ControlHarness()
    service = a_service(desired=3)

    def put(tx: object) -> None:
        tx.put(CLUSTERS, a_cluster())  # type: ignore[attr-defined]
        tx.put(SERVICES, service)  # type: ignore[attr-defined]
        for number, status in enumerate(("RUNNING", "ACTIVATING", "STOPPED"), 1):
            tx.put(TASKS, a_task(number, of=service, last_status=status))  # type: ignore[attr-defined]

    await region.store.transact(put)
    found = _values(scraped(region), "tidegate_service_tasks", "state")
    assert found == {"desired": 3, "running": 1, "pending": 1}


def _values(found: Scrape, name: str, label: str) -> dict[str, float]:
    samples: Iterable[tuple[str, float]] = (
        (s.labels[label], s.value) for s in found.samples if s.name == name
    )
    return dict(samples)
