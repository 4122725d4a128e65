"""Tags: an ordered mapping, since every AWS list of tags is read as one."""

from __future__ import annotations

from collections.abc import Mapping

Tags = Mapping[str, str]
