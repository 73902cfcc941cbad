"""The pytest plugin: a server, a clean lake, metered queries, budgets of bytes and dollars, a guard."""
