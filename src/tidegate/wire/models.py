"""botocore's service models, read straight from its data files when first asked for.

botocore's own loader and session import half of the package; a model needs neither.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import botocore
from botocore.model import ServiceModel

_DATA = Path(botocore.__file__).parent / "data"

# signing name -> botocore's service name
SIGNING_NAMES = {
    "ecs": "ecs",
    "elasticloadbalancing": "elbv2",
    "ec2": "ec2",
    "sts": "sts",
    "iam": "iam",
    "ssm": "ssm",
}
TARGET_PREFIXES = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "AmazonSSM": "ssm",
}


@cache
def service_model(service: str) -> Any:
    """The newest model of a service, botocore's ServiceModel."""
    folder = max(path for path in (_DATA / service).iterdir() if path.is_dir())
    packed = folder / "service-2.json.gz"
    text = (
        gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "service-2.json").read_bytes()
    )
    return ServiceModel(json.loads(text), service)
