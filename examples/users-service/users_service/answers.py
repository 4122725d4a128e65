"""Every answer is JSON of the form {status, message, ...}: success, `fail` or `error`."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

_log = logging.getLogger(__name__)


class Problem(Exception):
    """Ends a request with an answer that is not a success."""

    def __init__(self, code: int, message: str, *, status: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def success(message: str = "Success.", code: int = HTTPStatus.OK, **members: object) -> tuple[Response, int]:
    return jsonify(status="success", message=message, **members), code


def answer_problems(app: Flask) -> None:
    """Have the application answer its own problems, Flask's and the database's in the same form."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _mistake)


def _problem(problem: Problem) -> tuple[Response, int]:
    status = problem.status or ("fail" if request.path.startswith("/users") else "error")
    return jsonify(status=status, message=problem.message), problem.code


def _http_exception(error: HTTPException) -> tuple[Response, int]:
    response, code = _problem(Problem(error.code or 500, error.description or error.name))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response, code


def _database_away(error: OperationalError) -> tuple[Response, int]:
    _log.error("the database does not answer: %s", error.orig)
    return _problem(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer."))


def _mistake(error: Exception) -> tuple[Response, int]:
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _problem(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong."))
