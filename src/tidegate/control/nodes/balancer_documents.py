"""Documents for balancers, computed from the state.

A document's generation is the revision of the snapshot that it was computed from: the same generation has
the same content, and a change has a greater one, over restarts of control too. A control begins with at
least the milliseconds of its start's time, so that what it says counts though its database was restored.
"""

from tidegate.control.nodes.edge_documents import edge_document
from tidegate.control.nodes.group_documents import group_document

__all__ = ["edge_document", "group_document"]
