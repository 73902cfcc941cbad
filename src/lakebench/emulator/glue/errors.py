"""Glue's refusals about crawlers (facts/glue-crawler.md 5)."""

from __future__ import annotations

from lakebench.emulator.wire.provider import ServiceError


def invalid_input(message: str) -> ServiceError:
    """A member is malformed, or asks for what is not done here."""
    return ServiceError("InvalidInputException", message)


def already_exists(name: str) -> ServiceError:
    """A crawler of this name is there."""
    return ServiceError("AlreadyExistsException", f"Crawler with name {name} already exists")


def not_found(name: str) -> ServiceError:
    """No crawler of this name in the account and region."""
    return ServiceError("EntityNotFoundException", f"Crawler entry with name {name} does not exist")


def classifier_exists(name: str) -> ServiceError:
    """A classifier of this name is there, of whatever kind."""
    return ServiceError("AlreadyExistsException", f"Classifier with name {name} already exists")


def classifier_not_found(name: str) -> ServiceError:
    """No classifier of this name in the account and region."""
    return ServiceError("EntityNotFoundException", f"Classifier with name {name} does not exist")


def crawler_running(name: str) -> ServiceError:
    """The crawler runs, or is stopping."""
    return ServiceError("CrawlerRunningException", f"Crawler with name {name} has already started")


def crawler_not_running(name: str) -> ServiceError:
    """There is nothing to stop."""
    return ServiceError("CrawlerNotRunningException", f"Crawler with name {name} is not running")


def crawler_stopping(name: str) -> ServiceError:
    """It was told to stop before."""
    return ServiceError("CrawlerStoppingException", f"Crawler with name {name} is stopping")


def no_schedule(name: str) -> ServiceError:
    """The crawler has no schedule."""
    return ServiceError("NoScheduleException", f"Crawler with name {name} has no schedule")


def scheduler_not_running(name: str) -> ServiceError:
    """The crawler's schedule is not active."""
    return ServiceError("SchedulerNotRunningException", f"The schedule of crawler {name} is not running")


def scheduler_running(name: str) -> ServiceError:
    """The crawler's schedule is active already."""
    return ServiceError("SchedulerRunningException", f"The schedule of crawler {name} is running")
