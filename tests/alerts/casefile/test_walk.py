"""Whatever people do and however time passes: a case stays whole.

A machine of random acts and waits on a real state database. After each of them the stage is one of the table, exactly
the step that the table owes has a task whose clock runs, the history is unbroken and says how the case came to stand
as it does, and the topic is taken as long as the case is open.
"""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from alerts.casefile.acting.orders import assign, copy_to, regrade_by_hand, supervise
from alerts.casefile.casework import open_case
from alerts.casefile.context import CaseContext
from alerts.casefile.papers import newest_statement
from alerts.casefile.snapshot import CaseSnapshot
from alerts.casefile.tables import CaseRow, EventKind, EventRow, TaskRow, broken_link, read_case, running
from alerts.config import AlertsConfig
from alerts.desk.cases import act_on_case, list_cases, read_details
from alerts.desk.register import Register
from alerts.detection.grades import Grade, Grading
from alerts.watch import Watcher
from alerts.workflow.cases import ActRequest, Case, Order, Refused, allowed
from alerts.workflow.ladder import owed
from alerts.workflow.parts import Verdict, Wording
from alerts.workflow.rules import WORKFLOW
from stream.index.sqlite.posts import SqliteIndexReader, SqliteIndexWriter
from stream.process.configuration import Configuration
from stream.state.database import migrate, open_state, reading, transaction
from stream.topics import TopicsConfig
from tests.alerts.casefile.conftest import signal_of

CONFIGS = Path(__file__).parents[3] / "configs" / "example"
NOON = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
GRADES = (Grade.RED, Grade.ORANGE, Grade.YELLOW, Grade.BLUE)


@cache
def template() -> Path:
    """A state file with every table, and an index without a post."""
    folder = Path(mkdtemp(prefix="wenfeng-walk-"))
    engine = open_state(f"sqlite:///{folder / 'state.db'}")
    migrate(engine)
    engine.dispose()
    SqliteIndexWriter(folder / "index.db").close()
    return folder


@cache
def configured() -> tuple[AlertsConfig, TopicsConfig]:
    configuration = Configuration(CONFIGS, {})
    return configuration.add("alerts.yml", AlertsConfig)(), configuration.add("topics.yml", TopicsConfig)()


class WalkOfACase(RuleBasedStateMachine):
    """One case from its first letter on."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="wenfeng-walk-"))
        shutil.copytree(template(), self.folder, dirs_exist_ok=True)
        config, topics = configured()
        self.engine = open_state(f"sqlite:///{self.folder / 'state.db'}")
        self.reader = SqliteIndexReader(self.folder / "index.db")
        self.context = CaseContext(self.engine, self.reader, config, topics)
        self.register = Register(self.engine, config, topics)
        self.watcher = Watcher(self.context, [], "walk")
        self.now = NOON

    def teardown(self) -> None:
        self.reader.close()
        self.engine.dispose()
        shutil.rmtree(self.folder)

    @initialize(grade=st.sampled_from(GRADES))
    def open(self, grade: Grade) -> None:
        found = CaseSnapshot(signal_of("outage", self.now), Grading(grade, ()), (), ())
        with transaction(self.engine) as session:
            assert open_case(session, self.context, found, (), self.now).id == 1

    @rule(
        action=st.sampled_from([*WORKFLOW.actions, "dance"]),
        by=st.sampled_from(["zhang_min", "李强", "sun.li@example.com", "路人"]),
        note=st.sampled_from(["", "x"]),
        verdict=st.sampled_from([None, *Verdict]),
    )
    def try_anything(self, action: str, by: str, note: str, verdict: Verdict | None) -> None:
        """What is refused leaves everything as it was."""
        before = self.rows()
        try:
            done = act_on_case(self.context, 1, ActRequest(action, by, note, verdict), self.now)
        except Refused:
            assert self.rows() == before
        else:
            assert done.case == self.case()
            assert (self.rows() == before) == (done.already is not None)

    @rule(which=st.integers(0, 5), data=st.data())
    def do_what_is_offered(self, which: int, data: st.DataObject) -> None:
        """Everything that is offered can be done, by somebody who may always; words of theirs another one approves."""
        offered = allowed(self.case())
        action = offered[which % len(offered)]
        verdict = data.draw(st.sampled_from(list(Verdict))) if action.verdict else None
        with reading(self.engine) as session:
            written = newest_statement(session, 1)
        own = action.second_person and written is not None and written.by == "王芳"
        request = ActRequest(action.key, "li_qiang" if own else "wang_fang", "x", verdict)
        if action.wording is Wording.WRITES:
            request = replace(request, statement="情况说明。")
        if action.plans:
            request = replace(request, owner="safety", until=self.now + timedelta(days=3))
        done = act_on_case(self.context, 1, request, self.now)
        assert done.already is None
        assert done.case.stage in action.targets

    @rule(
        desk=st.sampled_from(["safety", "leaders", "dispatch"]), grade=st.sampled_from(GRADES), which=st.integers(0, 3)
    )
    def order_something(self, desk: str, grade: Grade, which: int) -> None:
        """What is ordered moves no case; what is refused leaves everything as it was."""
        before, order = self.rows(), Order("wang_fang", "x")
        try:
            if which == 0:
                assign(self.context, 1, order, desk, self.now)
            elif which == 1:
                copy_to(self.context, 1, order, ["sun_li"], self.now)
            elif which == 2:
                supervise(self.context, 1, order, self.now)
            else:
                regrade_by_hand(self.context, 1, order, grade, self.now)
        except Refused:
            assert self.rows() == before
        else:
            assert self.case().stage == before[0].stage
            assert self.rows()[1] > before[1]

    @rule(minutes=st.integers(1, 9_000))
    def let_time_pass(self, minutes: int) -> None:
        """Desks are reminded and passed over; the case itself does not move."""
        before = self.case()
        self.now += timedelta(minutes=minutes)
        self.watcher.escalate(self.now)
        assert self.case() == before

    @invariant()
    def the_case_is_whole(self) -> None:
        case = self.case()
        assert case.stage in WORKFLOW.stages
        assert case.is_open == WORKFLOW.is_open(case.stage)
        assert allowed(case), "every stage has a way out"
        with reading(self.engine) as session:
            assert session.get_one(CaseRow, 1).open_key == ("outage" if case.is_open else None)
            steps = [task.step for task in running(session, 1)]
        step = owed(case)
        assert steps == ([step] if step else [])
        assert (case.verdict is not None) <= any(entry.verdict for entry in read_details(self.register, 1).history)

    @invariant()
    def the_history_leads_to_where_the_case_is(self) -> None:
        with reading(self.engine) as session:
            events = list(session.scalars(select(EventRow).order_by(EventRow.number)))
        assert broken_link(events) is None
        stage = WORKFLOW.start
        for event in events:
            if event.kind not in set(EventKind):
                after = json.loads(event.detail)["stage"]
                ordered = event.kind in {order.key for order in WORKFLOW.orders}
                assert after in ({stage} if ordered else WORKFLOW.targets(stage, event.kind))
                stage = after
        assert stage == self.case().stage

    @invariant()
    def the_desk_shows_the_same(self) -> None:
        case = self.case()
        details = read_details(self.register, 1)
        assert (details.case, details.broken) == (case, None)
        assert [one.case for one in list_cases(self.register)] == ([case] if case.is_open else [])
        assert [one.case for one in list_cases(self.register, also_ended=True)] == [case]

    def case(self) -> Case:
        with reading(self.engine) as session:
            return read_case(session.get_one(CaseRow, 1))

    def rows(self) -> tuple[Case, int, int]:
        """The case, and how many events and tasks it has."""
        with reading(self.engine) as session:
            events, tasks = session.scalars(select(EventRow.id)).all(), session.scalars(select(TaskRow.id)).all()
        return self.case(), len(events), len(tasks)


TestWalkOfACase = WalkOfACase.TestCase
TestWalkOfACase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None, derandomize=True)
