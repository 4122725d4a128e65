"""The part of Dockerfiles that a directory with a virtual environment can follow."""

from __future__ import annotations

import pytest

from tidegate.agent.dockerfile import Copy, DockerfileError, PipInstall, parse

USERS_SERVICE = """
# A comment, and a continued line.
FROM python:3.11-slim
ENV A=1 B="two words"
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir \\
    -r requirements.txt && useradd app
COPY . .
EXPOSE 5000
USER app
CMD ["gunicorn", "app:create()"]
"""


def test_a_usual_dockerfile_of_a_python_service_is_followed() -> None:
    recipe = parse(USERS_SERVICE)
    assert recipe.steps == (
        Copy(sources=("requirements.txt",), destination="/app/"),
        PipInstall(arguments=("--no-cache-dir", "-r", "requirements.txt"), directory="/app"),
        Copy(sources=(".",), destination="/app/"),
    )
    assert recipe.environment == {"A": "1", "B": "two words"}
    assert recipe.directory == "/app"
    assert recipe.command == ("gunicorn", "app:create()")


def test_what_has_no_meaning_is_told() -> None:
    assert parse(USERS_SERVICE).ignored == ("FROM python:3.11-slim", "RUN useradd app", "USER app")


def test_the_shell_form_goes_through_a_shell() -> None:
    assert parse("CMD exec python app.py").command == ("/bin/sh", "-c", "exec python app.py")


def test_arguments_and_variables_are_expanded() -> None:
    recipe = parse("ARG ROOT=/srv\nENV SUB=x\nWORKDIR ${ROOT}/$SUB\nCMD true")
    assert recipe.directory == "/srv/x"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("RUN apt-get install -y curl", "RUN apt-get install -y curl"),
        ("COPY --from=build /app /app", "COPY --from=build"),
        ("ADD https://example.org/x /x", "ADD https://example.org/x"),
        ("FETCH x", "FETCH"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(line: str, named: str) -> None:
    with pytest.raises(DockerfileError, match=named):
        parse(f"{line}\nCMD true")


def test_a_file_without_a_command_is_refused() -> None:
    with pytest.raises(DockerfileError, match="neither CMD nor ENTRYPOINT"):
        parse("FROM scratch")
