"""Running a statement: statement -> resolved query -> bound files -> engine -> metered bytes -> result."""
