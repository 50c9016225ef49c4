"""Training: live runs, their queue, options, metrics, snapshots and findings."""
