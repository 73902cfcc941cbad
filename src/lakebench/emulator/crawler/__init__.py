"""Crawling: list, classify, infer, group, partition, merge, write."""
