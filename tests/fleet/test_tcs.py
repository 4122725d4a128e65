"""Messages of TCS: ten tasks each, the last one marked."""

from __future__ import annotations

from tidegate.fleet import tcs

SENDER = tcs.Sender(cluster="c", container_instance="i")


def a_task(number: int) -> tcs.TaskMetrics:
    container = tcs.ContainerMetrics(name="web", cpu_percent=12.5, memory_mib=64.0)
    return tcs.TaskMetrics(arn=f"t/{number}", family="f", version="1", containers=(container,))


def test_an_idle_instance_says_that_it_is_idle() -> None:
    (frame,) = tcs.metrics_messages(SENDER, "m", [], 1.0)
    assert frame["message"]["metadata"] == {
        "cluster": "c",
        "containerInstance": "i",
        "messageId": "m",
        "idle": True,
        "fin": True,
    }


def test_ten_tasks_fit_a_message_and_the_last_message_says_so() -> None:
    frames = tcs.metrics_messages(SENDER, "m", [a_task(n) for n in range(21)], 1.0)
    assert [len(frame["message"]["taskMetrics"]) for frame in frames] == [10, 10, 1]
    assert [frame["message"]["metadata"]["fin"] for frame in frames] == [False, False, True]


def test_a_measurement_is_a_set_of_one_sample() -> None:
    (frame,) = tcs.metrics_messages(SENDER, "m", [a_task(1)], 1.0)
    (container,) = frame["message"]["taskMetrics"][0]["containerMetrics"]
    assert container["cpuStatsSet"] == {"min": 12.5, "max": 12.5, "sum": 12.5, "sampleCount": 1}


def test_no_health_check_is_no_health_message() -> None:
    assert tcs.health_messages(SENDER, "m", [], 1.0) == []


def test_health_is_told_for_each_container_that_has_a_check() -> None:
    health = tcs.ContainerHealth(name="web", status="UNHEALTHY", since=5.0)
    task = tcs.TaskHealth(arn="t/1", family="f", version="1", containers=(health,))
    (frame,) = tcs.health_messages(SENDER, "m", [task], 1.0)
    assert frame["message"]["tasks"] == [
        {
            "taskArn": "t/1",
            "taskDefinitionFamily": "f",
            "taskDefinitionVersion": "1",
            "containers": [{"containerName": "web", "healthStatus": "UNHEALTHY", "statusSince": 5.0}],
        }
    ]


def test_a_signed_frame_is_headers_an_empty_line_and_json() -> None:
    assert tcs.signed_frame({"Host": "h", "X-Amz-Date": "d"}, "{}") == "Host: h\r\nX-Amz-Date: d\r\n\r\n{}"
