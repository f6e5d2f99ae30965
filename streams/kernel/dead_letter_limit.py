"""The limit on dead letters: a stage with too many of them stops instead of parking a topic (pure).

A few bad events are the events' fault. Many of them are a fault of the stage or of its servers: a
programming error, a mapping that the view refuses, a model of an older release. The stage then
stops, and commits nothing of the batch. After the fix it processes the same events.

The limit is judged on a window of the newest events, in the order in which they are processed. It
is passed by too large a share, or by too many bad events in a row, which shows a sudden fault
before the share of a long window does. A stage that starts after a stop is on probation: its first
bad event stops it again, so restarts do not park a topic little by little. Probation ends once the
record at which it stopped has been processed. If an operator lets it continue, it is not on
probation: it parks the batch of that record, however many events are bad. The limit applies again
after that batch.

The window continues across processes: at a start, and when partitions come from another process,
the stage's dead letters restore it (`letter_history`). Letters that were retried, or parked while
the stage was allowed to continue, do not count, nor do those before the latter.

Source: arroyo's `DlqLimit` (getsentry/arroyo, `arroyo/dlq.py`), which limits the ratio and the
consecutive count of invalid messages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from roost.errors import Fatal
from roost.events.dead_letter import DeadLetter
from roost.events.stage_stop import StageStop
from roost.kafka.incoming import Incoming
from roost.kafka.ports import Partition
from streams.kernel.outcome_window import OutcomeWindow, Place

LEAST_EVENTS = 100
"""Fewest events that a share is taken of: the first bad event after a start is not 100 %."""


class StageStopped(Fatal):
    """A stage has met too many events that it cannot process; a restart alone does not help."""

    slug = "stage-stopped"


@dataclass(frozen=True, slots=True)
class DeadLetterRules:
    """When the dead letters of a stage are too many."""

    share: float = 0.2
    """Largest share of bad events in the window; 1 turns the limit off."""
    window: int = 1_000
    """Number of newest events that the share is taken of."""
    in_a_row: int = 50
    """Most bad events in a row."""

    @property
    def off(self) -> bool:
        """Whether there is no limit."""
        return self.share >= 1


NO_LIMIT = DeadLetterRules(share=1)


@dataclass(frozen=True, slots=True)
class Excess:
    """The bad event that passed the limit, and the window up to it."""

    incoming: Incoming
    failed: int
    events: int


class DeadLetterLimit:
    """The window of a stage's process; `stopped` is the stop that it starts after, if any."""

    def __init__(self, rules: DeadLetterRules, stopped: StageStop | None = None) -> None:
        self._rules = rules
        self._stopped = None if rules.off else stopped
        self._window = OutcomeWindow(rules.window)
        self._met: set[Partition] = set()
        """Partitions of which an event has been seen since the window was restored."""
        self._handled_before: dict[Place, int] = {}
        """Bad events of the newest batch, each with the number handled since the previous one."""
        self._own: deque[Place] = deque(maxlen=rules.window)
        """Newest bad events of this process, of which its topic holds the dead letters as well."""
        self._passed = 0

    @property
    def on_probation(self) -> bool:
        """Whether the first bad event stops the stage again."""
        return self._stopped is not None and not self._stopped.continued

    @property
    def resuming(self) -> bool:
        """Whether the record of a stop has not been processed yet."""
        return self._stopped is not None

    def add(self, outcomes: Iterable[tuple[Incoming, bool]]) -> Excess | None:
        """Add the events of a batch in order, each with whether it failed.

        Returns the event that passed the limit; then none of the batch may be committed.
        """
        self._handled_before = {}
        if self._rules.off:
            return None
        outcomes = list(outcomes)
        self._own.extend(incoming.place for incoming, failed in outcomes if failed)
        if self._stopped is not None and self._stopped.continued:
            self._window.clear()
            for incoming, _ in outcomes:
                self._pass(incoming)
            return None
        for incoming, failed in outcomes:
            self._meet(incoming)
            counts = self._window.add(incoming.place, failed)
            if failed:
                self._handled_before[incoming.place] = self._window.handled_before(incoming.place)
            if failed and (self.on_probation or (counts and self._exceeded())):
                return Excess(incoming, max(1, self._window.failed), max(1, len(self._window)))
            if not failed:
                self._pass(incoming)
        return None

    def restore(self, letters: Sequence[DeadLetter]) -> None:
        """Continue the window with the dead letters that other processes have parked."""
        own = set(self._own)
        self._window.restore([each for each in letters if each.place not in own])
        self._met.clear()

    def handled_before(self, incoming: Incoming) -> int | None:
        """Return the events handled between a bad one of the batch and the previous bad one.

        None if the limit does not count it.
        """
        return self._handled_before.get(incoming.place)

    def _meet(self, incoming: Incoming) -> None:
        partition = Partition(incoming.topic.name, incoming.partition)
        if partition not in self._met:
            self._met.add(partition)
            self._window.pass_by(*partition, incoming.offset)

    def _exceeded(self) -> bool:
        judged = max(len(self._window), min(LEAST_EVENTS, self._rules.window))
        return (
            self._window.in_a_row > self._rules.in_a_row
            or self._window.failed > self._rules.share * judged
        )

    def _pass(self, incoming: Incoming) -> None:
        """End the stop once its record is passed, or as many events as the window holds.

        The window decides where another process owns that record's partition.
        """
        self._passed += 1
        stop = self._stopped
        if stop is None:
            return
        same = (incoming.topic.name, incoming.partition) == (stop.topic, stop.partition)
        if (same and incoming.offset >= stop.offset) or self._passed >= self._rules.window:
            self._stopped = None


def remedy(stop: StageStop) -> tuple[str, str]:
    """Return what happened and what to do, in English and Chinese."""
    what = f": {stop.detail}" if stop.detail else ""
    return (
        f"Stage {stop.id} has stopped at {stop.place}: {stop.failed} of its last {stop.events} "
        f"events could not be processed, the last one for {stop.reason}{what}. Nothing is lost: "
        "these events are not committed. Correct the cause (its log names the place), then "
        f"restart the stage; it is also tried again every few minutes. If the records "
        f"themselves are bad, run `roost dead-letters continue {stop.id}`, or set "
        "ROOST_DEAD_LETTER_PERCENT=100 until they are parked.",
        f"处理环节 {stop.id} 已在 {stop.place} 停止：最近 {stop.events} 个事件中有 {stop.failed} "
        f"个无法处理，最后一个的原因为 {stop.reason}。数据没有丢失，这些事件尚未提交。"
        "请排除故障后重启该环节（系统每隔几分钟也会自动重试）。如确属记录本身有误，请运行 "
        f"`roost dead-letters continue {stop.id}`，或暂时设置 ROOST_DEAD_LETTER_PERCENT=100。",
    )
