"""What changes while HAProxy runs, with no reload: the same worker serves before and after."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from tests.balancer.lab import PORT, Lab, fixed, forward, listener, rule, values

from tidegate.fleet.balancing import EdgeAction

pytestmark = pytest.mark.timeout(60)


async def drawn(lab: Lab, count: int = 60) -> Counter[str]:
    return Counter([(await lab.ask()).text for _ in range(count)])


async def test_weights_change_while_the_worker_lives(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a", "b", weights=(999, 0))))
    worker = await lab.worker()
    assert await drawn(lab) == {"a": 60}
    await lab.edge(listener(default=forward("a", "b", weights=(0, 1))))
    assert await drawn(lab) == {"b": 60}
    assert await lab.worker() == worker


async def test_weights_are_on_disk_for_the_next_reload(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a", "b", weights=(1, 0))))
    await lab.edge(listener(default=forward("a", "b", weights=(0, 1))))
    worker = await lab.worker()
    await lab.edge(
        listener(default=forward("a", "b", weights=(0, 1))), listener(default=fixed(), port=PORT + 1)
    )
    assert await lab.worker() != worker
    assert await drawn(lab) == {"b": 60}


@pytest.mark.proves("action:forward to several groups")
async def test_five_groups_get_their_shares(lab: Lab) -> None:
    names, weights = ("a", "b", "c", "d", "e"), (400, 300, 0, 200, 100)
    await lab.edge(listener(default=forward(*names, weights=weights)))
    counts = await drawn(lab, 600)
    # Six standard deviations of the greatest share's count: chance alone fails once in 500 million.
    assert all(abs(counts[name] - weight * 0.6) < 72 for name, weight in zip(names, weights, strict=True))
    assert counts["c"] == 0


async def test_rules_on_paths_come_change_and_go_while_the_worker_lives(lab: Lab) -> None:
    def with_rules(*pairs: tuple[int, str, str]) -> object:
        rules = [rule(number, forward(name), values("path-pattern", path)) for number, path, name in pairs]
        return listener(*rules, default=forward("a", "b", weights=(1, 0)))

    await lab.edge(with_rules((1, "/b/*", "b")))  # type: ignore[arg-type]
    worker = await lab.worker()
    await lab.edge(with_rules((1, "/b/*", "b"), (2, "/c", "b")))  # type: ignore[arg-type]
    assert [(await lab.ask(path)).text for path in ("/b/1", "/c", "/d")] == ["b", "b", "a"]
    await lab.edge(with_rules((3, "/d", "b")))  # type: ignore[arg-type]
    assert [(await lab.ask(path)).text for path in ("/b/1", "/c", "/d")] == ["a", "a", "b"]
    assert await lab.worker() == worker


async def test_a_hundred_shifts_of_weights_fail_no_request(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a", "b", weights=(1, 1))))
    answers: list[int] = []
    is_over = asyncio.Event()

    async def load() -> None:
        while not is_over.is_set():
            answers.append((await lab.ask()).status)

    jobs = [asyncio.create_task(load()) for _ in range(4)]
    for share in range(100):
        await lab.edge(listener(default=forward("a", "b", weights=(share, 100 - share))))
    is_over.set()
    await asyncio.gather(*jobs)
    assert len(answers) > 100
    assert set(answers) == {200}


async def test_a_document_that_changes_nothing_reloads_nothing(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")))
    worker = await lab.worker()
    await lab.edge(listener(default=forward("a")))
    assert await lab.worker() == worker


async def test_groups_that_a_change_of_listeners_leaves_alone_are_not_reported_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab.edge(listener(default=forward("a")))
    sent: list[object] = []
    monkeypatch.setattr(lab.balancer._session, "send", sent.append)
    for port in (PORT, PORT + 1):
        await lab.edge(
            listener(rule(1, fixed(), values("path-pattern", "/x")), default=forward("a"), port=port)
        )
    assert {type(one).__name__ for one in sent} == {"EdgeReport"}


async def test_targets_of_a_zone_that_the_load_balancer_gets_serve(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a")), zones=("one", "two"))
    lab.group("a", zone="three", is_cross_zone=False)
    await lab.edge(listener(default=forward("a")), zones=("one", "two"))
    while (await lab.ask()).status != 503:
        await lab.pause(0.02)
    await lab.edge(listener(default=forward("a")), zones=("one", "three"))
    async with asyncio.timeout(10):
        while (await lab.ask()).status != 200:
            await lab.pause(0.02)


async def test_weights_that_are_all_zero_answer_503(lab: Lab) -> None:
    await lab.edge(listener(default=forward("a", "b", weights=(0, 0))))
    assert (await lab.ask()).status == 503


async def test_a_group_that_is_gone_answers_503(lab: Lab) -> None:
    gone = forward("gone")
    await lab.edge(listener(default=gone), document={"without": gone.target_groups[0][0]})
    assert (await lab.ask()).status == 503


@pytest.mark.parametrize("action", [forward("a"), fixed(body="x")], ids=["forward", "fixed"])
async def test_one_rule_with_many_entries_is_replaced_whole(lab: Lab, action: EdgeAction) -> None:
    """More than HAProxy takes in one command."""
    rules = [rule(n, action, values("path-pattern", f"/{n:04d}/{'x' * 100}/*")) for n in range(1, 300)]
    await lab.edge(listener(rules[0], default=fixed(body="no")))
    await lab.edge(listener(*rules, default=fixed(body="no")))
    answer = await lab.ask(f"/0299/{'x' * 100}/1")
    assert answer.text in ("a", "x")
