"""The nouns of the IAM slice: stored and described; Tidegate makes no authorisation decision on them."""

from tidegate.domain.iam.role import InstanceProfile, Policy, Role

__all__ = ["InstanceProfile", "Policy", "Role"]
