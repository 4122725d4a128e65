"""The SSM front end: the public parameters that give the ECS-optimised images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.paging import InvalidTokenError, paginate
from tidegate.control.api.ssm.parameters import Parameter, public_parameters
from tidegate.domain.arns import Arn
from tidegate.wire import Call, Fault, FrontEnd, Operation

_PAGE_SIZE = 10
_NAMES_MAX = 10
_VERSION = 1


@honours("Name", "WithDecryption")
async def get_parameter(context: ApiContext, call: Call) -> Mapping[str, Any]:
    asked = call.parameters["Name"]
    found = public_parameters(context.settings.region).get(_plain_name(asked))
    if found is None:
        raise Fault("ParameterNotFound", f"Parameter {asked} not found.")
    return {"Parameter": _view(context, found)}


@honours("Names", "WithDecryption")
async def get_parameters(context: ApiContext, call: Call) -> Mapping[str, Any]:
    names = list(dict.fromkeys(call.parameters["Names"]))
    if not 1 <= len(names) <= _NAMES_MAX:
        text = f"1 validation error detected: Value '{names}' at 'names' failed to satisfy constraint: "
        raise Fault(
            "ValidationException", f"{text}Member must have length less than or equal to {_NAMES_MAX}"
        )
    known = public_parameters(context.settings.region)
    return {
        "Parameters": [
            _view(context, known[_plain_name(name)]) for name in names if _plain_name(name) in known
        ],
        "InvalidParameters": [name for name in names if _plain_name(name) not in known],
    }


@honours("Path", "Recursive", "WithDecryption", "MaxResults", "NextToken")
async def get_parameters_by_path(context: ApiContext, call: Call) -> Mapping[str, Any]:
    path = call.parameters["Path"]
    if not path.startswith("/"):
        text = f"The parameter doesn't meet the parameter name requirements: {path} must begin with /."
        raise Fault("ValidationException", text)
    prefix = path.rstrip("/") + "/"
    is_recursive = bool(call.parameters.get("Recursive"))
    rows = [
        parameter
        for name, parameter in public_parameters(context.settings.region).items()
        if name.startswith(prefix) and (is_recursive or "/" not in name.removeprefix(prefix))
    ]
    try:
        page = paginate(
            rows,
            key=lambda row: row.name,
            token=call.parameters.get("NextToken"),
            size=call.parameters.get("MaxResults", _PAGE_SIZE),
        )
    except InvalidTokenError as error:
        raise Fault("InvalidNextToken", "The specified token is not valid.") from error
    return {"Parameters": [_view(context, row) for row in page.rows], "NextToken": page.next_token}


def _plain_name(asked: str) -> str:
    """The name without a version or label selector of the only version there is."""
    name, _, selector = asked.partition(":")
    return name if selector in ("", str(_VERSION)) else asked


def _view(context: ApiContext, row: Parameter) -> dict[str, Any]:
    # Public parameters belong to no account.
    arn = Arn(service="ssm", region=context.settings.region, account="", resource=f"parameter{row.name}")
    return {
        "Name": row.name,
        "Type": "String",
        "Value": row.value,
        "Version": _VERSION,
        "LastModifiedDate": row.modified_at,
        "ARN": str(arn),
        "DataType": "text",
    }


_PUBLIC_ONLY = "the public parameters of the ECS-optimised images"

FRONT_END = FrontEnd(
    service="ssm",
    operations={
        "GetParameter": Operation(get_parameter, partial=_PUBLIC_ONLY),
        "GetParameters": Operation(get_parameters, partial=_PUBLIC_ONLY),
        "GetParametersByPath": Operation(get_parameters_by_path, partial=_PUBLIC_ONLY),
    },
)

__all__ = ["FRONT_END"]
