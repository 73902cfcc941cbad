"""The Athena service: executions, results, workgroups."""
