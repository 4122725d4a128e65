"""AWS's service models: botocore's data files, read when a service is first asked for.

What Tidegate has beyond AWS is a service of its own, whose model lies beside this module in the folders that
botocore looks for: its clients are made of the file as AWS's are of theirs.

botocore's own reader is not used: it comes with an HTTP client, and every process that signs a request
would import both. Documentation, most of each file, is dropped at once.

EC2's file is by far the largest, and would be read on the event loop at the first EC2 request. So a cut of
it is kept beside this module (`reduced.py` makes it): whole for the operations we may serve, names only
for the others. The full file is read only if an operation outside the cut is served.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

Definition = Mapping[str, Any]

EC2_CUT = Path(__file__).with_name("ec2.json")
# Like botocore's own: SERVICE/VERSION/service-2.json. Clients take it as a further place for models.
OWN_MODELS = Path(__file__).with_name("data")

# Traits that say nothing about the wire.
_PROSE = ("documentation", "deprecated", "deprecatedMessage", "deprecatedSince")


@dataclass(frozen=True, slots=True)
class ModelledError:
    """`shape` is its name in JSON, `code` in the query protocols."""

    shape: str
    code: str
    status: int


class Shape:
    """A type, together with the traits of the reference that led to it."""

    def __init__(self, model: ServiceModel, reference: Definition) -> None:
        self.name: str = reference["shape"]
        self._model = model
        self._traits = {**model.definition(self.name), **{k: v for k, v in reference.items() if k != "shape"}}

    @property
    def kind(self) -> str:
        """structure, list, map, string, integer, long, float, double, boolean, timestamp, blob."""
        return str(self._traits["type"])

    @property
    def members(self) -> dict[str, Shape]:
        references = self._traits.get("members", {})
        return {name: Shape(self._model, reference) for name, reference in references.items()}

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self._traits.get("required", ()))

    def part(self, name: str) -> Shape:
        """The `member` of a list, the `key` or `value` of a map."""
        return Shape(self._model, self._traits[name])

    def trait(self, name: str, default: Any = None) -> Any:
        return self._traits.get(name, default)


class ServiceModel:
    """A service's operations and shapes. Operations named without a definition are known, not readable."""

    def __init__(self, name: str, document: Definition) -> None:
        self.name = name
        self.metadata: Definition = document["metadata"]
        self._operations: Definition = document["operations"]
        self._shapes: Definition = document["shapes"]

    @property
    def operation_names(self) -> tuple[str, ...]:
        return tuple(self._operations)

    def is_readable(self, operation: str) -> bool:
        return bool(self._operations.get(operation))

    def definition(self, shape: str) -> Definition:
        found: Definition = self._shapes[shape]
        return found

    def input_shape(self, operation: str) -> Shape | None:
        return self._shape(operation, "input")

    def output_shape(self, operation: str) -> Shape | None:
        return self._shape(operation, "output")

    @cached_property
    def errors(self) -> Mapping[str, ModelledError]:
        """The modelled errors, under the shape's name and under the query code."""
        found: dict[str, ModelledError] = {}
        for shape, definition in self._shapes.items():
            if definition.get("exception") or "error" in definition:
                trait = definition.get("error", {})
                default = 500 if definition.get("fault") else 400
                error = ModelledError(shape, trait.get("code", shape), trait.get("httpStatusCode", default))
                found.setdefault(error.code, error)
                found[shape] = error
        return found

    def _shape(self, operation: str, direction: str) -> Shape | None:
        reference = self._operations[operation].get(direction)
        return Shape(self, reference) if reference else None


@cache
def service_model(service: str) -> ServiceModel:
    """The model by botocore's name of the service; EC2's is the cut."""
    if service == "ec2":
        return ServiceModel(service, msgspec.json.decode(EC2_CUT.read_bytes()))
    return full_model(service)


@cache
def full_model(service: str) -> ServiceModel:
    """The newest model that botocore has of the service."""
    return ServiceModel(service, read_document(service))


def model_for(service: str, operation: str) -> ServiceModel:
    """A model in which the operation is readable."""
    model = service_model(service)
    return model if model.is_readable(operation) else full_model(service)


def read_document(service: str) -> dict[str, Any]:
    """The data file of the service, botocore's or ours, without its prose."""
    own = OWN_MODELS / service
    versions = own if own.is_dir() else _data_folder() / service
    folder = max(path for path in versions.iterdir() if path.is_dir())
    packed = folder / "service-2.json.gz"
    text = (
        gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "service-2.json").read_bytes()
    )
    document: dict[str, Any] = msgspec.json.decode(text)
    for definition in (*document["operations"].values(), *document["shapes"].values()):
        _drop_prose(definition)
        for part in ("member", "key", "value"):
            _drop_prose(definition.get(part, {}))
        for member in definition.get("members", {}).values():
            _drop_prose(member)
    return document


def _drop_prose(definition: dict[str, Any]) -> None:
    for trait in _PROSE:
        definition.pop(trait, None)


@cache
def _data_folder() -> Path:
    found = find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("botocore is not installed: Tidegate reads AWS's service models from it")
    return Path(found.submodule_search_locations[0]) / "data"
