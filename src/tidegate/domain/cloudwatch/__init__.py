"""What CloudWatch knows: metrics and their samples."""

from tidegate.domain.cloudwatch.samples import Metric, Sample, Summary, spread, together, value
from tidegate.domain.cloudwatch.sketch import Sketch, bucket_of, merged, sketch_of

__all__ = [
    "Metric",
    "Sample",
    "Sketch",
    "Summary",
    "bucket_of",
    "merged",
    "sketch_of",
    "spread",
    "together",
    "value",
]
