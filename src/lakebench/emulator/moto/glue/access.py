"""What every operation needs of moto's backend: entities by name in any case, and AWS's words for errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakebench.emulator.wire.provider import ServiceError


@dataclass(frozen=True, slots=True)
class Access:
    """The catalogue of one account and region; used under moto's lock only."""

    backend: Any
    account_id: str
    region: str

    def database(self, name: str) -> Any:
        """The database of this name; raises EntityNotFoundException."""
        found = find(self.backend.databases, name)
        if found is None:
            raise not_found(f"Database {name.lower()} not found.")
        return found

    def table(self, database: str, name: str) -> Any:
        """The table of this name; raises EntityNotFoundException for it or its database."""
        found = find(self.database(database).tables, name)
        if found is None:
            raise not_found("Entity Not Found")
        return found

    def partition(self, database: str, table: str, values: list[str]) -> Any:
        """The partition with these values; raises EntityNotFoundException."""
        found = self.table(database, table).partitions.get(str(values))
        if found is None:
            raise not_found("Cannot find partition.")
        return found


def find(entities: Mapping[str, Any], name: str) -> Any:
    """An entity by its name in any case: Glue folds names to lower case (AWS: TableInput, Name)."""
    folded = name.lower()
    if folded in entities:
        return entities[folded]
    return next((one for key, one in entities.items() if key.lower() == folded), None)


def not_found(message: str) -> ServiceError:
    """An EntityNotFoundException."""
    return ServiceError("EntityNotFoundException", message)


def already_exists(what: str) -> ServiceError:
    """An AlreadyExistsException: ``Table already exists.``"""
    return ServiceError("AlreadyExistsException", f"{what} already exists.")


def invalid_input(message: str) -> ServiceError:
    """An InvalidInputException."""
    return ServiceError("InvalidInputException", message)


def error_detail(error: ServiceError) -> dict[str, str]:
    """An error as batches list it (AWS: ErrorDetail)."""
    return {"ErrorCode": error.code, "ErrorMessage": error.message}
