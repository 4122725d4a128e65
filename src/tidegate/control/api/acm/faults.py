"""ACM's errors, each in one place."""

from __future__ import annotations

from tidegate.wire import Fault


def invalid(message: str) -> Fault:
    return Fault("ValidationException", message)


def invalid_arguments(message: str) -> Fault:
    return Fault("InvalidArgsException", message)


def invalid_arn(arn: str) -> Fault:
    return Fault("InvalidArnException", f"The ARN {arn} is not that of a certificate.")


def invalid_domain_option(message: str) -> Fault:
    return Fault("InvalidDomainValidationOptionsException", message)


def invalid_state(message: str) -> Fault:
    return Fault("InvalidStateException", message)


def invalid_tag(message: str) -> Fault:
    return Fault("InvalidTagException", message)


def too_many_tags(message: str) -> Fault:
    return Fault("TooManyTagsException", message)


def limit_exceeded(message: str) -> Fault:
    return Fault("LimitExceededException", message)


def not_found(arn: str, account: str) -> Fault:
    return Fault("ResourceNotFoundException", f"Could not find certificate {arn} in account {account}.")


def in_use(arn: str, account: str) -> Fault:
    return Fault("ResourceInUseException", f"Certificate {arn} in account {account} is in use.")
