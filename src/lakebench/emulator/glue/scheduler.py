"""The clock that starts crawlers: one thread, asleep while nothing is scheduled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lakebench.emulator.glue.cron import Cron

_LONGEST_SLEEP = 1.0  # seconds; a clock that is set is noticed as soon
_JOIN_SECONDS = 5.0
_SET_BACK = timedelta(minutes=1)  # less is a clock's correction, which must fire nothing twice


def utc_now() -> datetime:
    """The clock on the wall."""
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class _Alarm:
    cron: Cron
    fire: Callable[[], None]
    due: datetime | None


class Scheduler:
    """Alarms by key; each calls back when it is due, once for all moments that were missed.

    ``now`` is the clock; where it is set back, moments that it has yet to reach again are due again.
    ``fire_due`` may be called by hand; the thread does so by itself.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._alarms: dict[object, _Alarm] = {}
        self._thread: threading.Thread | None = None
        self._closed = False
        self._seen = now()

    def set(self, key: object, cron: Cron, fire: Callable[[], None]) -> None:
        """Add or replace an alarm; ``fire`` must not raise."""
        with self._changed:
            if self._closed:
                return
            self._alarms[key] = _Alarm(cron=cron, fire=fire, due=cron.next_after(self._now()))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="crawler-schedules", daemon=True)
                self._thread.start()
            self._changed.notify()

    def remove(self, key: object) -> None:
        """Forget an alarm; one that is not there is no error."""
        with self._changed:
            self._alarms.pop(key, None)

    def fire_due(self) -> None:
        """Call back what is due now."""
        now = self._now()
        with self._changed:
            if now < self._seen - _SET_BACK:
                for alarm in self._alarms.values():
                    alarm.due = alarm.cron.next_after(now)
            self._seen = now
            due = [alarm for alarm in self._alarms.values() if alarm.due is not None and alarm.due <= now]
            for alarm in due:
                alarm.due = alarm.cron.next_after(now)
        for alarm in due:
            alarm.fire()

    def close(self) -> None:
        """End the thread and wait for it."""
        with self._changed:
            self._closed = True
            self._alarms.clear()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                dues = [alarm.due for alarm in self._alarms.values() if alarm.due is not None]
                if self._closed:
                    return
                wait = min((min(dues) - self._now()).total_seconds(), _LONGEST_SLEEP) if dues else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
            self.fire_due()
