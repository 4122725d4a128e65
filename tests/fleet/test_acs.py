"""Messages of ACS as Amazon's control plane and its agents write them."""

from __future__ import annotations

import json

import msgspec

from tidegate.fleet import acs


def test_unknown_members_and_types_do_no_harm() -> None:
    text = '{"type": "SomethingNew", "message": {"messageId": "m", "whatever": [1]}, "more": true}'
    frame = acs.decode(text)
    assert frame is not None
    assert (frame.type, frame.message.message_id) == ("SomethingNew", "m")


def test_a_frame_that_is_no_message_is_nothing() -> None:
    assert acs.decode("no JSON") is None
    assert acs.decode('{"type": "HeartbeatMessage", "message": {"messageId": 7}}') is None
    assert acs.decode("[]") is None


def test_the_smallest_task_that_amazons_agent_runs_is_understood() -> None:
    container = {"name": "c", "image": "i", "command": ["x"], "essential": True}
    arn = "arn:aws:ecs:r:1:task/t/abc"
    text = {"arn": arn, "desiredStatus": "RUNNING", "family": "f", "version": "1", "containers": [container]}
    task = msgspec.convert(text, acs.TaskPayload)
    assert task.id == "abc"
    assert task.container("c").stop_timeout_seconds == 30
    assert not task.container("c").has_health_check


def test_one_task_that_cannot_be_understood_spoils_no_other() -> None:
    tasks = [{"arn": "a/1"}, {"arn": 7}]
    frame = acs.decode(json.dumps({"type": "PayloadMessage", "message": {"tasks": tasks}}))
    assert frame is not None
    assert msgspec.json.decode(frame.message.tasks[0], type=acs.TaskPayload).id == "1"


def test_an_acknowledgement_echoes_what_it_acknowledges() -> None:
    message = acs.Message(message_id="m", cluster_arn="c", container_instance_arn="i")
    assert json.loads(acs.ack(message)) == {
        "type": "AckRequest",
        "message": {"cluster": "c", "containerInstance": "i", "messageId": "m"},
    }
    assert json.loads(acs.heartbeat_ack(message)) == {
        "type": "HeartbeatAckRequest",
        "message": {"messageId": "m"},
    }


def test_candidates_for_stopping_carry_the_manifests_id() -> None:
    asked = json.loads(acs.stop_verification(acs.Message(message_id="m"), [acs.TaskReference("a", "c")]))
    assert asked["message"] == {
        "messageId": "m",
        "stopCandidates": [{"taskArn": "a", "taskClusterArn": "c", "desiredStatus": "STOPPED"}],
    }
