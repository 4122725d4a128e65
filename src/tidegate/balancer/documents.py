"""The documents a balancer works by: the newest of each, kept on disk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import msgspec
import structlog

from tidegate.fleet.balancing import EdgeDocument, GroupDocument
from tidegate.fleet.files import write_whole

Document = TypeVar("Document", EdgeDocument, GroupDocument)

_log = structlog.get_logger(__name__)


class ConflictingDocumentError(Exception):
    """Two documents of one generation differ: the sender is broken; the first one stays."""


@dataclass(slots=True)
class Documents:
    """Loaded at start, so that a restart serves before control is asked.

    What is taken is on disk before it is known here: a document that could not be written (OSError) is
    still a newer one when control sends it again.
    """

    folder: Path
    edge: EdgeDocument = field(default_factory=lambda: EdgeDocument(generation=-1))
    groups: dict[str, GroupDocument] = field(default_factory=dict)

    def load(self) -> None:
        """A document that cannot be read is left out: control sends all of them on each connection. Raises
        OSError."""
        (self.folder / "groups").mkdir(parents=True, exist_ok=True)
        self.edge = _read(self.folder / "edge.json", EdgeDocument) or self.edge
        for path in sorted((self.folder / "groups").glob("*.json")):
            if path.name.startswith("."):
                # Left by a writer that was killed.
                path.unlink()
                continue
            group = _read(path, GroupDocument)
            if group is not None:
                self.groups[group.target_group_arn] = group

    def take_edge(self, document: EdgeDocument) -> bool:
        """Keep a newer edge; whether it was newer. Raises ConflictingDocumentError, OSError."""
        if not _is_newer(self.edge, document):
            return False
        write_whole(self.folder / "edge.json", msgspec.json.encode(document))
        kept = {arn: group for arn, group in self.groups.items() if arn in document.target_groups}
        for arn in self.groups.keys() - kept.keys():
            self._path(arn).unlink(missing_ok=True)
        self.edge, self.groups = document, kept
        return True

    def take_group(self, document: GroupDocument) -> bool:
        """Keep a newer group; whether it was newer. Raises ConflictingDocumentError, OSError."""
        known = self.groups.get(document.target_group_arn)
        if known is not None and not _is_newer(known, document):
            return False
        write_whole(self._path(document.target_group_arn), msgspec.json.encode(document))
        self.groups[document.target_group_arn] = document
        return True

    def _path(self, arn: str) -> Path:
        return self.folder / "groups" / f"{arn.rsplit('/', 1)[-1]}.json"


def forget_targets(folder: Path, instance_ids: Collection[str]) -> None:
    """Leave out the targets on instances that have ended, of what a balancer that does not run has kept: it
    would send them requests until control told it of them. Raises OSError."""
    for path in sorted((folder / "groups").glob("[!.]*.json")):
        group = _read(path, GroupDocument)
        if group is None:
            continue
        kept = tuple(target for target in group.targets if target.id not in instance_ids)
        if kept != group.targets:
            write_whole(path, msgspec.json.encode(replace(group, targets=kept)))


def _read(path: Path, kind: type[Document]) -> Document | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _log.error("a document cannot be read", path=str(path), error=str(error))
        return None


def _is_newer(known: EdgeDocument | GroupDocument, document: EdgeDocument | GroupDocument) -> bool:
    if document.generation == known.generation and document != known:
        raise ConflictingDocumentError(f"generation {document.generation} has two contents")
    if document.generation < known.generation:
        # From a control that started before the one whose document is known.
        _log.error("an older document is refused", was=known.generation, came=document.generation)
    return document.generation > known.generation
