"""Models cost what they must, when they must."""

from __future__ import annotations

import subprocess
import sys

from tidegate.wire.models import EC2_CUT, full_model, model_for, service_model
from tidegate.wire.reduced import EC2_OPERATIONS, ec2_cut


def test_importing_the_wire_reads_no_model_and_does_not_import_botocore() -> None:
    program = (
        "import sys, tidegate.wire, tidegate.wire.sigv4\n"
        "from tidegate.wire.models import service_model, full_model\n"
        "assert 'botocore' not in sys.modules\n"
        "assert 'urllib3' not in sys.modules\n"
        "assert service_model.cache_info().currsize == 0 == full_model.cache_info().currsize\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_cut_of_ec2_is_what_the_installed_botocore_gives() -> None:
    assert EC2_CUT.read_bytes() == ec2_cut(), "run scripts/ec2-model"


def test_the_cut_of_ec2_knows_every_operation_by_name() -> None:
    assert set(service_model("ec2").operation_names) == set(full_model("ec2").operation_names)


def test_an_operation_of_the_cut_is_read_from_the_cut() -> None:
    for operation in EC2_OPERATIONS:
        assert model_for("ec2", operation) is service_model("ec2")


def test_an_ec2_operation_outside_the_cut_is_read_from_the_whole_model() -> None:
    assert model_for("ec2", "CreateVpnGateway") is full_model("ec2")


def test_an_error_is_known_by_its_shape_and_by_its_query_code() -> None:
    errors = service_model("elbv2").errors
    assert errors["LoadBalancerNotFoundException"] is errors["LoadBalancerNotFound"]
    assert errors["LoadBalancerNotFound"].status == 400
    assert errors["HealthUnavailable"].status == 500
    # The three whose code is not the shape's name without `Exception`.
    assert errors["ALPNPolicyNotSupportedException"].code == "ALPNPolicyNotFound"
    assert errors["TrustStoreAssociationNotFoundException"].code == "AssociationNotFound"
    assert service_model("ecs").errors["ServerException"].status == 500
    assert service_model("ecs").errors["ClusterNotFoundException"].status == 400
