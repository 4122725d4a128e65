"""AWS's wire protocols, driven by botocore's service models: route, verify, parse, validate, serialise.

Knows shapes, knows no front end. The protocol of a request is chosen by the request (its content type,
target header or form), never by what a model lists first.
"""

from tidegate.wire.application import AwsApplication
from tidegate.wire.faults import Fault
from tidegate.wire.frontend import Call, FrontEnd, Handler, Operation

__all__ = ["AwsApplication", "Call", "Fault", "FrontEnd", "Handler", "Operation"]
