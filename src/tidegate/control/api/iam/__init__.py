"""The IAM front end: roles, policies and instance profiles, stored and described.

Tidegate makes no authorisation decision on them: every request with the installation's key is allowed.
"""

from __future__ import annotations

from tidegate.control.api.iam.instance_profiles import (
    add_role_to_instance_profile,
    create_instance_profile,
    delete_instance_profile,
    get_instance_profile,
    list_instance_profiles,
    list_instance_profiles_for_role,
    remove_role_from_instance_profile,
)
from tidegate.control.api.iam.policies import (
    create_policy,
    delete_policy,
    get_policy,
    get_policy_version,
    list_entities_for_policy,
    list_policies,
    list_policy_versions,
)
from tidegate.control.api.iam.roles import (
    attach_role_policy,
    create_role,
    delete_role,
    delete_role_policy,
    detach_role_policy,
    get_role,
    get_role_policy,
    list_attached_role_policies,
    list_role_policies,
    list_roles,
    put_role_policy,
    update_assume_role_policy,
    update_role,
    update_role_description,
)
from tidegate.control.api.iam.tags import tag_operations
from tidegate.wire import FrontEnd, Operation

_NO_DECISIONS = "stored, not enforced"

FRONT_END = FrontEnd(
    service="iam",
    operations={
        "AddRoleToInstanceProfile": Operation(add_role_to_instance_profile),
        "AttachRolePolicy": Operation(attach_role_policy, partial=_NO_DECISIONS),
        "CreateInstanceProfile": Operation(create_instance_profile),
        "CreatePolicy": Operation(create_policy, partial=_NO_DECISIONS),
        "CreateRole": Operation(create_role, partial=f"{_NO_DECISIONS}, no permissions boundary"),
        "DeleteInstanceProfile": Operation(delete_instance_profile),
        "DeletePolicy": Operation(delete_policy),
        "DeleteRole": Operation(delete_role),
        "DeleteRolePolicy": Operation(delete_role_policy),
        "DetachRolePolicy": Operation(detach_role_policy),
        "GetInstanceProfile": Operation(get_instance_profile),
        "GetPolicy": Operation(get_policy),
        "GetPolicyVersion": Operation(
            get_policy_version, partial="one version, no documents of AWS's policies"
        ),
        "GetRole": Operation(get_role),
        "GetRolePolicy": Operation(get_role_policy),
        "ListAttachedRolePolicies": Operation(list_attached_role_policies),
        "ListEntitiesForPolicy": Operation(list_entities_for_policy, partial="roles"),
        "ListInstanceProfiles": Operation(list_instance_profiles),
        "ListInstanceProfilesForRole": Operation(list_instance_profiles_for_role),
        "ListPolicies": Operation(list_policies, partial="of AWS's policies those for containers"),
        "ListPolicyVersions": Operation(list_policy_versions, partial="one version"),
        "ListRolePolicies": Operation(list_role_policies),
        "ListRoles": Operation(list_roles),
        "PutRolePolicy": Operation(put_role_policy, partial=_NO_DECISIONS),
        "RemoveRoleFromInstanceProfile": Operation(remove_role_from_instance_profile),
        "UpdateAssumeRolePolicy": Operation(update_assume_role_policy, partial=_NO_DECISIONS),
        "UpdateRole": Operation(update_role),
        "UpdateRoleDescription": Operation(update_role_description),
        **tag_operations(),
    },
)

__all__ = ["FRONT_END"]
