"""What load balancers keep users' sessions with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginKeys:
    """Of all load balancers of the region. `secret`: what sessions are sealed with; the signing key, of which
    targets find the public half under `key_id`, signs what they are told of users. Neither is ever shown."""

    name: str
    key_id: str
    secret: str = field(repr=False)
    signing_key_pem: str = field(repr=False)
