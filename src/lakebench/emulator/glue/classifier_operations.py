"""The classifier operations as the service model has them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from lakebench.emulator.crawler import Classifier
from lakebench.emulator.glue.classifiers import (
    CustomClassifier,
    KeptClassifier,
    given_classifier,
    new_classifier,
    updated_classifier,
)
from lakebench.emulator.glue.errors import classifier_exists, classifier_not_found, invalid_input
from lakebench.emulator.glue.keeping import CLASSIFIER
from lakebench.emulator.storage.codec import Codec
from lakebench.emulator.storage.ledger import Ledger
from lakebench.emulator.storage.shelves import Shelf
from lakebench.emulator.wire.paging import page_of
from lakebench.emulator.wire.provider import RequestContext, Wire


class ClassifierShelf:
    """The custom classifiers of one account and region, by name; thread-safe."""

    def __init__(self, shelf: Shelf) -> None:
        self._lock = threading.Lock()
        self.shelf = shelf
        self._by_name: dict[str, CustomClassifier] = {}
        shelf.reload = self._load
        self._load()

    def _load(self) -> None:
        self._by_name = {name: kept.read() for name, _, kept in self.shelf.all()}

    def _keep(self, classifier: CustomClassifier) -> None:
        self._by_name[classifier.name] = classifier
        self.shelf.put(classifier.name, KeptClassifier.of(classifier))

    def add(self, classifier: CustomClassifier) -> None:
        """Raises AlreadyExistsException."""
        with self.shelf.unit(), self._lock:
            if classifier.name in self._by_name:
                raise classifier_exists(classifier.name)
            self._keep(classifier)

    def update(self, kind: str, members: Wire) -> None:
        """Raises EntityNotFoundException, InvalidInputException."""
        with self.shelf.unit(), self._lock:
            current = self._by_name.get(members["Name"])
            if current is None:
                raise classifier_not_found(members["Name"])
            self._keep(updated_classifier(current, kind, members))

    def remove(self, name: str) -> None:
        """Raises EntityNotFoundException; crawlers that name it cannot start any more."""
        with self.shelf.unit(), self._lock:
            if self._by_name.pop(name, None) is None:
                raise classifier_not_found(name)
            self.shelf.remove(name)

    def get(self, name: str) -> CustomClassifier:
        """Raises EntityNotFoundException."""
        with self._lock:
            if name not in self._by_name:
                raise classifier_not_found(name)
            return self._by_name[name]

    def all(self) -> list[CustomClassifier]:
        """By name."""
        with self._lock:
            return [self._by_name[name] for name in sorted(self._by_name)]

    def check(self, names: Sequence[str]) -> None:
        """Raises InvalidInputException for a name that a crawler is given and that is not there."""
        with self._lock:
            missing = [name for name in names if name not in self._by_name]
        if missing:
            raise invalid_input(f"Classifier with name {missing[0]} does not exist")

    def resolve(self, names: Sequence[str]) -> Sequence[Classifier]:
        """What a crawl asks first, in the order of the crawler; raises EntityNotFoundException."""
        return [self.get(name).classifier for name in names]


class ClassifierOperations:
    """Classifiers by account and region."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._shelves: dict[tuple[str, str], ClassifierShelf] = {}

    def shelf(self, context: RequestContext) -> ClassifierShelf:
        """The classifiers of who asks."""
        return self.shelf_of(context.account_id, context.region)

    def shelf_of(self, account_id: str, region: str) -> ClassifierShelf:
        """The classifiers of an account and region."""
        key = (account_id, region)
        with self._lock:
            if key not in self._shelves:
                rows = Shelf(self._ledger, CLASSIFIER, "/".join(key), Codec((KeptClassifier,)))
                self._shelves[key] = ClassifierShelf(rows)
            return self._shelves[key]

    def reset(self) -> None:
        """Forget everything that is kept in memory; rows are the caller's."""
        with self._lock:
            shelves, self._shelves = list(self._shelves.values()), {}
        for found in shelves:
            found.shelf.leave()

    def create(self, context: RequestContext, request: Wire) -> Wire:
        """CreateClassifier."""
        self.shelf(context).add(new_classifier(*given_classifier(request)))
        return {}

    def update(self, context: RequestContext, request: Wire) -> Wire:
        """UpdateClassifier: given members replace, the version grows."""
        self.shelf(context).update(*given_classifier(request))
        return {}

    def delete(self, context: RequestContext, request: Wire) -> Wire:
        """DeleteClassifier."""
        self.shelf(context).remove(request["Name"])
        return {}

    def get(self, context: RequestContext, request: Wire) -> Wire:
        """GetClassifier."""
        return {"Classifier": self.shelf(context).get(request["Name"]).to_wire()}

    def get_all(self, context: RequestContext, request: Wire) -> Wire:
        """GetClassifiers."""
        page, token = page_of(self.shelf(context).all(), request)
        wire: Wire = {"Classifiers": [classifier.to_wire() for classifier in page]}
        return wire if token is None else {**wire, "NextToken": token}
