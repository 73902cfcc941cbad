"""Work is taken from one group after the other."""

import threading

from lakebench.emulator.athena.turns import Turns


def test_groups_take_turns_and_keep_their_order():
    turns = Turns()
    for item in ("a1", "a2", "a3", "b1", "c1", "c2"):
        turns.put(item[0], item)
    assert [turns.take() for _ in range(6)] == ["a1", "b1", "c1", "a2", "c2", "a3"]


def test_who_waits_is_woken():
    turns, taken = Turns(), []
    waiting = threading.Thread(target=lambda: taken.append(turns.take()))
    waiting.start()
    turns.put("a", "a1")
    waiting.join(10)
    assert taken == ["a1"]


def test_a_closed_queue_gives_back_what_waits_and_nothing_more():
    turns = Turns()
    turns.put("a", "a1")
    turns.put("b", "b1")
    assert turns.close() == ["a1", "b1"]
    assert turns.take() is None
