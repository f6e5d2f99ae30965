"""Pages of the day and of the workload."""
