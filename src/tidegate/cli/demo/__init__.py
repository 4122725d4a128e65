"""The main job, played end to end through the AWS APIs: `tidegate demo`."""
