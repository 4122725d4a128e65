"""Holds one container: starts it, keeps its output, remembers how it ended.

Run as `python -S -E shim.py FOLDER`, in a session of its own, so that it outlives the agent that started
it and the next agent finds it: it holds a lock on FOLDER/lock for as long as the container lives. It
imports nothing of Tidegate, and little of the standard library: there is one of it per container.

FOLDER/spec.json: {"command", "environment", "directory", "log", "log_bytes_max", "log_files_max"} and what
the agent alone reads. It writes FOLDER/running.json when the container runs and FOLDER/exit.json when it has
ended or could not start.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, NoReturn


def main(folder: str) -> None:
    lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    if not taken(lock):
        return
    if os.path.exists(os.path.join(folder, "exit.json")):
        return
    with open(os.path.join(folder, "spec.json")) as file:
        spec = json.load(file)
    reader, writer = os.pipe()
    started, starting = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.close(lock)
        run(spec, writer, starting)
    os.close(writer)
    os.close(starting)
    # Who reads running.json may signal the group at once: it has to be there.
    os.read(started, 1)
    os.close(started)
    try:
        write(folder, "running.json", {"pid": pid, "shim": os.getpid(), "at": time.time(), **identity(pid)})
    except OSError:
        # Nobody would find it again.
        os.killpg(pid, signal.SIGKILL)
        raise
    # Whoever wants to stop the container signals its own process group; the shim only watches.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # A folder that an older agent made says nothing of files.
    code = watch(pid, reader, spec["log"], spec["log_bytes_max"], spec.get("log_files_max", 2))
    write(folder, "exit.json", {"pid": pid, "exit_code": code, "at": time.time()})


def taken(lock: int) -> bool:
    """Take the lock; False when another shim has it. Who looks whether there is a shim takes it too, but
    only for an instant."""
    for _ in range(20):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.005)
        else:
            return True
    return False


def identity(pid: int) -> dict[str, str]:
    """What tells this process from a later one with its number: the boot, and the tick of its start ("" for
    a process that is gone)."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        boot = file.read().strip()
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name, in parentheses, is any bytes: spaces and parentheses too.
            return {"boot": boot, "tick": file.read().rpartition(b")")[2].split()[19].decode()}
    except OSError:
        return {"boot": boot, "tick": ""}


def run(spec: dict[str, Any], writer: int, starting: int) -> NoReturn:
    """The container's side of the fork; never returns."""
    os.setsid()
    os.close(starting)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(writer, 1)
    os.dup2(writer, 2)
    try:
        os.chdir(spec["directory"])
        os.execvpe(spec["command"][0], spec["command"], spec["environment"])
    except OSError as error:
        os.write(2, f"exec {spec['command'][0]}: {error.strerror}\n".encode())
    # The shell's code for a command that is not there.
    os._exit(127)


def watch(pid: int, pipe: int, log: str, log_bytes_max: int, log_files_max: int) -> int:
    """Copy the output until the container has ended and nobody writes any more; its exit code."""
    reader: int | None = pipe
    output = opened(log)
    code: int | None = None
    os.set_blocking(pipe, False)
    waiting = os.pidfd_open(pid)
    poller = select.poll()
    poller.register(pipe, select.POLLIN | select.POLLHUP)
    poller.register(waiting, select.POLLIN)
    at_line_start = True
    while True:
        # After the container's end, what its children still write is waited for, but not for long.
        events = poller.poll(None if code is None else 50)
        for descriptor, _ in events:
            if descriptor == waiting:
                code = exit_code(pid)
                poller.unregister(waiting)
                continue
            data = read(pipe)
            if data == b"":
                poller.unregister(pipe)
                reader = None
            elif data:
                try:
                    at_line_start = stamp(output, data, at_line_start)
                    if output.tell() > log_bytes_max:
                        fresh = opened(log + ".0")
                        output.close()
                        output = fresh
                        move_aside(log, log_files_max)
                        os.replace(log + ".0", log)
                except OSError:
                    # A full disk costs lines, and not the container.
                    at_line_start = True
        if code is not None and (reader is None or not events):
            return code
        if code is None and reader is None:
            return exit_code(pid)


def opened(log: str) -> BinaryIO:
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0)


def move_aside(log: str, files_max: int) -> None:
    """Give each file of a log the next number; the oldest goes. A gap, which a rotation that was killed
    leaves, is closed instead."""
    names = [log, *(f"{log}.{number}" for number in range(1, files_max))]
    gap = next(
        (number for number, name in enumerate(names) if number and not os.path.exists(name)), files_max
    )
    for number in range(min(gap, files_max - 1), 0, -1):
        if os.path.exists(names[number - 1]):
            os.replace(names[number - 1], names[number])


def read(reader: int) -> bytes | None:
    try:
        return os.read(reader, 65536)
    except BlockingIOError:
        return None


def stamp(output: BinaryIO, data: bytes, at_line_start: bool) -> bool:
    """Write with a time before each line; whether the next data begins a line."""
    # One look at the clock: a second that began between two would put the line a second too early.
    now = time.time_ns()
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9))
    prefix = f"{seconds}.{now // 10**6 % 1000:03d}Z "
    mark = prefix.encode()
    body = data[:-1] if data.endswith(b"\n") else data
    lines = body.replace(b"\n", b"\n" + mark)
    output.write((mark if at_line_start else b"") + lines + (b"\n" if data.endswith(b"\n") else b""))
    return data.endswith(b"\n")


def exit_code(pid: int) -> int:
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def write(folder: str, name: str, document: dict[str, object]) -> None:
    temporary = os.path.join(folder, "." + name)
    with open(temporary, "w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, os.path.join(folder, name))
    # The new name is the directory's content, not the file's.
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(directory)
    os.close(directory)


if __name__ == "__main__":
    main(sys.argv[1])
