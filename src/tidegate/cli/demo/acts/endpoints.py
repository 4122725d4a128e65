"""Act 10: every endpoint of the users-service, through the load balancer."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from tidegate.cli.demo.story import CLUSTER, Story, check


class Endpoints:
    number = 10
    title = "Endpoints"

    def play(self, story: Story) -> Sequence[str]:
        story.load.mark()
        run = uuid4().hex[:8]
        caller = _Caller(story)
        user = {"username": f"ann-{run}", "email": f"ann-{run}@example.org", "password": "correct horse"}
        caller.expect("GET", "/ping", 200, message="pong!")
        caller.expect("POST", "/auth/register", 201, user, message="Successfully registered.")
        caller.expect("POST", "/auth/register", 400, user, message="Sorry. That user already exists.")
        caller.expect("POST", "/auth/register", 400, {}, message="Invalid payload.")
        login = {"email": user["email"], "password": user["password"]}
        answer = caller.expect("POST", "/auth/login", 200, login, message="Successfully logged in.")
        token = answer["auth_token"]
        status = caller.expect("GET", "/auth/status", 200, token=token)
        check(status["data"]["email"] == user["email"], f"/auth/status describes {status['data']}")
        caller.expect("GET", "/auth/logout", 200, token=token, message="Successfully logged out.")
        # Ten times, so that every replica is asked.
        for _ in range(10):
            caller.expect("GET", "/auth/status", 401, token=token)
        caller.expect("GET", "/auth/status", 403, message="Provide a valid auth token.")

        self._admin(story, caller, run)
        listed = caller.expect("GET", "/users", 200)["data"]["users"]
        newest = listed[0]
        single = caller.expect("GET", f"/users/{newest['id']}", 200)["data"]
        check(single["email"] == newest["email"], "the single user differs from the listed one")
        caller.expect("GET", "/users/nobody", 404, message="User does not exist")
        tally = story.load.mark()
        story.expect_no_failure(tally)
        return [
            f"{caller.calls} calls, each as specified",
            "a token that logged out is refused by every replica",
        ]

    def _admin(self, story: Story, caller: _Caller, run: str) -> None:
        """Make an admin by RunTask with a command of its own, as one does on ECS."""
        email, password = f"admin-{run}@example.org", "battery staple"
        command = ["python", "-m", "users_service.manage", "create-admin", f"admin-{run}", email, password]
        overrides = {"containerOverrides": [{"name": "users-service", "command": command}]}
        answer = story.ecs.run_task(
            cluster=CLUSTER, taskDefinition=story.props.task_definition_arn, overrides=overrides
        )
        check(not answer["failures"], f"RunTask failed: {answer['failures']}")
        arn = answer["tasks"][0]["taskArn"]
        story.until("the admin task is done", lambda: story.task(arn)["lastStatus"] == "STOPPED", 60)
        code = story.task(arn)["containers"][0].get("exitCode")
        check(code == 0, f"create-admin exited {code}")

        login = caller.expect("POST", "/auth/login", 200, {"email": email, "password": password})
        added = {"username": f"bob-{run}", "email": f"bob-{run}@example.org", "password": "tr0ub4dor"}
        text = f"{added['email']} was added!"
        caller.expect("POST", "/users", 201, added, token=login["auth_token"], message=text)
        again = "Sorry. That email already exists."
        caller.expect("POST", "/users", 400, added, token=login["auth_token"], message=again)
        user = caller.expect("POST", "/auth/login", 200, {k: added[k] for k in ("email", "password")})
        refused = "You do not have permission to do that."
        caller.expect("POST", "/users", 401, added, token=user["auth_token"], message=refused)


class _Caller:
    """Calls the users-service through the load balancer and checks status and message."""

    def __init__(self, story: Story) -> None:
        self._base = f"http://{story.props.address}:{story.props.port}"
        self._host = story.props.dns_name
        self.calls = 0

    def expect(
        self,
        method: str,
        path: str,
        status: int,
        body: dict[str, str] | None = None,
        *,
        token: str | None = None,
        message: str | None = None,
    ) -> dict[str, Any]:
        headers = {"Host": self._host, "Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        payload = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, payload, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                code, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            code, text = error.code, error.read()
        self.calls += 1
        check(code == status, f"{method} {path} answered {code} instead of {status}: {text[:200]!r}")
        document: dict[str, Any] = json.loads(text)
        if message is not None:
            said = document.get("message")
            check(said == message, f"{method} {path} says '{said}' instead of '{message}'")
        return document
