from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tidegate.cli import processes, settings
from tidegate.cli.runtimes import RuntimeMissingError
from tidegate.cli.starting import Start, StartError, Wishes, begin, bind

ANYWHERE = Wishes(endpoint="127.0.0.1:0", runtime="process")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    # pytest's own folders are too long for the sockets inside.
    with TemporaryDirectory(prefix="tidegate-") as folder:
        yield Path(folder) / "data"


def end(start: Start) -> None:
    """As the kernel does when a supervisor ends."""
    start.listener.close()
    lock, claim = start.holds
    assert isinstance(lock, int)
    assert isinstance(claim, socket.socket)
    os.close(lock)
    claim.close()


def test_the_first_start_makes_keys_and_a_network(data_dir: Path) -> None:
    start = begin(data_dir, ANYWHERE)
    assert settings.load(data_dir) == start.chosen
    assert start.chosen.region == "us-east-1"
    assert start.chosen.endpoint == f"127.0.0.1:{start.listener.getsockname()[1]}"
    assert data_dir.stat().st_mode & 0o777 == 0o700
    end(start)


def test_later_starts_keep_what_the_first_one_chose(data_dir: Path) -> None:
    first = begin(data_dir, ANYWHERE)
    end(first)
    second = begin(data_dir, Wishes())
    assert second.chosen == first.chosen
    end(second)


@pytest.fixture
def no_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


@pytest.mark.usefixtures("no_docker")
def test_an_installation_on_docker_starts_on_docker_before_its_engine_does(data_dir: Path) -> None:
    end(first := begin(data_dir, ANYWHERE))
    settings.save(data_dir, replace(first.chosen, runtime="docker"))
    for runtime in (None, "docker"):
        end(start := begin(data_dir, Wishes(runtime=runtime)))
        assert (start.chosen.runtime, start.left) == ("docker", None)


@pytest.mark.usefixtures("no_docker")
def test_another_runtime_is_a_change_and_what_is_left_is_ended(data_dir: Path) -> None:
    end(first := begin(data_dir, ANYWHERE))
    settings.save(data_dir, replace(first.chosen, runtime="docker"))
    end(start := begin(data_dir, Wishes(runtime="process")))
    assert (start.chosen.runtime, start.left) == ("process", "docker")
    end(start := begin(data_dir, Wishes()))
    assert (start.chosen.runtime, start.left) == ("process", None)


@pytest.mark.usefixtures("no_docker")
def test_a_runtime_that_is_missing_is_refused_with_everything_left_as_it_is(data_dir: Path) -> None:
    with pytest.raises(RuntimeMissingError, match="no Docker Engine answers"):
        begin(data_dir, replace(ANYWHERE, runtime="docker"))
    assert not data_dir.exists()
    end(begin(data_dir, ANYWHERE))
    control = left_behind(data_dir, "control")
    with pytest.raises(RuntimeMissingError, match="no Docker Engine answers"):
        begin(data_dir, Wishes(runtime="docker"))
    assert control.poll() is None
    control.kill()
    control.wait()
    assert settings.load(data_dir).runtime == "process"


def test_what_the_command_line_says_goes_before_what_was_kept(data_dir: Path) -> None:
    end(begin(data_dir, ANYWHERE))
    database = "postgresql+psycopg://tidegate@localhost/tidegate"
    wishes = Wishes(endpoint="127.0.0.1:0", access_key="A", secret_key="s", database_url=database)
    start = begin(data_dir, wishes)
    chosen = start.chosen
    assert (chosen.access_key, chosen.secret_key, chosen.database_url) == ("A", "s", database)
    end(start)
    end(start := begin(data_dir, Wishes()))
    assert start.chosen.database_url == database


@pytest.mark.parametrize(("given", "missing"), [("access_key", "secret"), ("secret_key", "access")])
def test_half_a_pair_of_keys_is_refused_before_anything_is_made(
    data_dir: Path, given: str, missing: str
) -> None:
    with pytest.raises(StartError, match=f"half of a pair: give --{missing}-key as well"):
        begin(data_dir, replace(ANYWHERE, **{given: "hunter2"}))
    assert not data_dir.exists()


@pytest.mark.parametrize("wrong", [{"secret_key": "hunter2 x"}, {"database_url": "mysql://me:hunter2@h/x"}])
def test_no_refusal_shows_a_secret(data_dir: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(StartError) as refusal:
        begin(data_dir, replace(ANYWHERE, **wrong))
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("wishes", [Wishes(region="eu-west-1"), Wishes(account="123456789012")])
def test_region_and_account_are_for_good_since_every_name_says_them(data_dir: Path, wishes: Wishes) -> None:
    first = begin(data_dir, replace(ANYWHERE, region="eu-west-2", account="210987654321"))
    end(first)
    with pytest.raises(StartError, match=r"is (eu-west-2|210987654321) in .* another --data-dir"):
        begin(data_dir, wishes)
    assert settings.load(data_dir) == first.chosen


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "eu west"},
        {"region": "ireland"},
        {"account": "12"},
        {"account": "12345678901x"},
        {"access_key": ""},
        {"access_key": "A/B"},
        {"secret_key": ""},
        {"secret_key": "a b"},
        {"database_url": "mysql://localhost/x"},
        {"database_url": "postgresql+psycopg://"},
    ],
)
def test_what_cannot_be_is_refused_by_its_option_before_anything_is_made(
    data_dir: Path, wrong: dict[str, str]
) -> None:
    (name,) = wrong
    with pytest.raises(StartError, match=f"--{name.replace('_', '-')} takes"):
        begin(data_dir, replace(ANYWHERE, **wrong))
    assert not data_dir.exists()


@pytest.mark.parametrize("place", ["/proc/tidegate", "/dev/null", "/dev/null/data"])
def test_a_directory_that_cannot_be_used_is_named_with_a_way_out(place: str) -> None:
    with pytest.raises(StartError, match=f"{place} cannot be used .* --data-dir"):
        begin(Path(place), ANYWHERE)


def test_of_two_that_start_in_one_directory_the_second_is_refused(data_dir: Path) -> None:
    start = begin(data_dir, ANYWHERE)
    with pytest.raises(StartError, match="up already"):
        begin(data_dir, ANYWHERE)
    end(start)
    end(begin(data_dir, ANYWHERE))


def test_two_directories_start_side_by_side_in_networks_of_their_own(data_dir: Path) -> None:
    first, second = begin(data_dir / "a", ANYWHERE), begin(data_dir / "b", ANYWHERE)
    assert first.chosen.network != second.chosen.network
    assert first.chosen.access_key != second.chosen.access_key
    end(first)
    end(second)


def test_a_network_that_another_installation_took_meanwhile_is_named(data_dir: Path) -> None:
    start = begin(data_dir, ANYWHERE)
    network = start.chosen.network
    end(start)
    with socket.socket() as other:
        other.bind((f"{network}.0.1", settings.CLAIM_PORT))
        with pytest.raises(StartError, match=network):
            begin(data_dir, ANYWHERE)


def test_an_address_in_use_is_refused_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        endpoint = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(StartError, match=rf"{endpoint} cannot be used .* --endpoint HOST:PORT"):
            bind(endpoint)


def test_a_first_start_that_is_refused_leaves_nothing(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(StartError, match="cannot be used"):
            begin(data_dir, replace(ANYWHERE, endpoint=taken))
    assert not data_dir.exists()


def test_an_address_of_another_machine_is_refused_as_that() -> None:
    with pytest.raises(StartError, match="Cannot assign requested address") as refusal:
        bind("192.0.2.1:7400")
    assert "stop what listens there" not in str(refusal.value)


def test_an_ipv6_address_is_written_in_brackets(data_dir: Path) -> None:
    start = begin(data_dir, replace(ANYWHERE, endpoint="[::1]:0"))
    assert start.chosen.url == f"http://[::1]:{start.listener.getsockname()[1]}"
    end(start)


@pytest.mark.parametrize("endpoint", ["", "7400", "host", "127.0.0.1:", "127.0.0.1:x", "0.0.0.0:70000"])
def test_an_endpoint_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(StartError, match="HOST:PORT"):
        bind(endpoint)


def test_a_directory_with_too_long_a_name_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="--data-dir is longer"):
        begin(tmp_path / ("x" * 80), ANYWHERE)


def left_behind(data_dir: Path, name: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    processes.write(data_dir, name, process.pid)
    return process


def test_the_control_of_a_killed_supervisor_is_ended_and_the_rest_left_for_adoption(data_dir: Path) -> None:
    end(begin(data_dir, ANYWHERE))
    control, balancer = left_behind(data_dir, "control"), left_behind(data_dir, "balancer")
    start = begin(data_dir, Wishes())
    assert control.wait(5) != 0
    assert balancer.poll() is None
    balancer.kill()
    balancer.wait()
    end(start)


def test_those_that_were_told_another_endpoint_are_not_adopted(data_dir: Path) -> None:
    end(begin(data_dir, ANYWHERE))
    agent = left_behind(data_dir, "agent-i-1")
    start = begin(data_dir, ANYWHERE)
    assert agent.wait(5) != 0
    end(start)
