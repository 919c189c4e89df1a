"""National registers are asked as rarely as their answers allow, and fail closed unless configured otherwise."""

import asyncio
from datetime import UTC, datetime

import pytest

from hub.domain.consent import ConsentState
from hub.domain.context import RequestContext
from hub.domain.errors import HubError, Reason
from hub.domain.national import NationalConsent, NationalQuestion, NationalRegister
from hub.domain.recorded import Recorded
from hub.domain.subjects import subjects_of
from hub.domain.therapeutic_links import TherapeuticLink
from hub.ports.national import NationalService
from hub.services.last_known import LastKnown, Patience
from hub.services.national_facts import NationalFacts
from tests.builders import JAN, MILA, a_context, a_person

RECORDED = Recorded(datetime(2026, 3, 3, tzinfo=UTC), ())
GIVEN, NOTHING = (
    NationalConsent(state=state, recorded=RECORDED) for state in (ConsentState.GIVEN, ConsentState.REVOKED)
)
CONTEXT = a_context()
JANS = NationalQuestion(JAN)
DOWN = [Reason.SOURCE_UNAVAILABLE, Reason.SOURCE_TOO_LATE, Reason.SOURCE_ANSWER, Reason.SOURCE_TOO_LARGE]


class ScriptedRegister:
    """Says what it is told, or fails; counts the questions, and holds them back until `lets_go` is set."""

    name = "scripted"
    certificates = None

    def __init__(self, said: NationalConsent = GIVEN) -> None:
        self.said = said
        self.fails: Reason | None = None
        self.asked: list[NationalQuestion] = []
        self.is_asked, self.lets_go = asyncio.Event(), asyncio.Event()
        self.lets_go.set()

    async def ask(self, question: NationalQuestion, context: RequestContext) -> NationalConsent:
        assert context is CONTEXT
        self.asked.append(question)
        self.is_asked.set()
        await self.lets_go.wait()
        if self.fails:
            raise HubError(self.fails, source=self.name)
        return self.said

    def is_available(self) -> bool:
        return True

    async def close(self) -> None:
        pass


class World:
    """A register, what is remembered of it, and a clock that the test turns."""

    def __init__(self, *, last_known: float = 0, most: int = 10, nothing_remembered: float = 15) -> None:
        self.register, self.seconds = ScriptedRegister(), 1000.0
        self.known = LastKnown(
            NationalRegister.CONSENTS,
            self.register,
            patience=Patience(remembered=300, nothing_remembered=nothing_remembered, last_known=last_known),
            lets_in=lambda consent: consent.state is ConsentState.GIVEN,
            now=lambda: self.seconds,
            most=most,
        )

    async def asked(self, question: NationalQuestion = JANS) -> int:
        """How often the register has been asked after this question."""
        await self.known.ask(question, CONTEXT)
        return len(self.register.asked)


async def reason_of(world: World) -> Reason:
    with pytest.raises(HubError) as refusal:
        await world.known.ask(JANS, CONTEXT)
    assert refusal.value.details == {"service": "of consents"}
    return refusal.value.reason


async def test_an_answer_that_lets_in_is_remembered_for_its_time() -> None:
    world = World()
    assert await world.asked() == 1
    world.seconds += 299
    assert await world.asked() == 1
    world.seconds += 1
    assert await world.asked() == 2


async def test_an_answer_that_lets_nobody_in_is_remembered_shortly() -> None:
    world = World()
    world.register.said = NOTHING
    assert await world.asked() == 1
    world.seconds += 14
    assert await world.asked() == 1
    world.register.said = GIVEN
    world.seconds += 1
    assert await world.known.ask(JANS, CONTEXT) == (GIVEN, False)


async def test_nothing_is_remembered_when_configured_so() -> None:
    world = World(nothing_remembered=0)
    world.register.said = NOTHING
    assert [await world.known.ask(JANS, CONTEXT) for _ in range(2)] == [(NOTHING, False)] * 2
    assert len(world.register.asked) == 2


async def test_each_question_is_remembered_for_itself() -> None:
    world = World()
    await world.asked()
    assert await world.asked(NationalQuestion(MILA)) == 2
    assert await world.asked(NationalQuestion(JAN, subjects_of((a_person(),)))) == 3
    assert await world.asked() == 3


async def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    world = World(most=1)
    await world.asked()
    await world.asked(NationalQuestion(MILA))
    assert await world.asked(NationalQuestion(MILA)) == 2
    assert await world.asked() == 3


@pytest.mark.parametrize("why", DOWN)
async def test_a_register_that_is_down_refuses(why: Reason) -> None:
    world = World()
    await world.asked()
    world.register.fails = why
    assert await world.known.ask(JANS, CONTEXT) == (GIVEN, False)
    world.seconds += 300
    assert await reason_of(world) is Reason.NATIONAL_SERVICE_UNAVAILABLE


async def test_what_it_said_last_counts_for_as_long_as_configured() -> None:
    world = World(last_known=1800)
    await world.asked()
    world.register.fails = Reason.SOURCE_TOO_LATE
    world.seconds += 1799
    assert await world.known.ask(JANS, CONTEXT) == (GIVEN, True)
    world.seconds += 1
    assert await reason_of(world) is Reason.NATIONAL_SERVICE_UNAVAILABLE


async def test_the_last_word_counts_also_when_it_was_no() -> None:
    world = World(last_known=1800)
    await world.asked()
    world.register.said = NOTHING
    world.seconds += 300
    await world.asked()
    world.register.fails = Reason.SOURCE_UNAVAILABLE
    world.seconds += 60
    assert await world.known.ask(JANS, CONTEXT) == (NOTHING, True)


async def test_a_register_that_never_answered_refuses_whatever_is_configured() -> None:
    world = World(last_known=1800)
    world.register.fails = Reason.SOURCE_UNAVAILABLE
    assert await reason_of(world) is Reason.NATIONAL_SERVICE_UNAVAILABLE


async def test_a_fault_of_the_hub_is_not_the_registers() -> None:
    world = World(last_known=1800)
    await world.asked()
    world.seconds += 300
    world.register.fails = Reason.INTERNAL
    with pytest.raises(HubError) as fault:
        await world.known.ask(JANS, CONTEXT)
    assert fault.value.reason is Reason.INTERNAL


async def test_requests_that_ask_the_same_at_once_share_the_answer() -> None:
    world = World()
    world.register.lets_go.clear()
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(world.known.ask(JANS, CONTEXT))
        await world.register.is_asked.wait()
        world.register.lets_go.set()
    assert len(world.register.asked) == 1


async def test_requests_that_ask_the_same_at_once_share_a_failure() -> None:
    world = World()
    world.register.fails = Reason.SOURCE_TOO_LATE
    world.register.lets_go.clear()
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(reason_of(world)) for _ in range(20)]
        await world.register.is_asked.wait()
        world.register.lets_go.set()
    assert {one.result() for one in asking} == {Reason.NATIONAL_SERVICE_UNAVAILABLE}
    assert len(world.register.asked) == 1
    assert await reason_of(world) is Reason.NATIONAL_SERVICE_UNAVAILABLE
    assert len(world.register.asked) == 2


async def test_who_goes_away_while_asking_leaves_the_question_to_the_next() -> None:
    world = World()
    world.register.lets_go.clear()
    async with asyncio.TaskGroup() as group:
        leaving = group.create_task(world.known.ask(JANS, CONTEXT))
        await world.register.is_asked.wait()
        staying = group.create_task(world.known.ask(JANS, CONTEXT))
        leaving.cancel()
        world.register.lets_go.set()
    assert staying.result() == (GIVEN, False)
    assert len(world.register.asked) == 2


class TestAllRegisters:
    SUBJECTS = subjects_of((a_person(),))

    async def test_without_registers_nothing_is_said(self) -> None:
        word = await NationalFacts().of(CONTEXT, JAN, self.SUBJECTS)
        assert (word.consent, word.links, word.exclusions, word.notes) == (None, (), (), ())

    async def test_what_was_said_last_is_noted(self) -> None:
        world = World(last_known=1800)
        facts = NationalFacts(consents=world.known)
        assert (await facts.of(CONTEXT, JAN, self.SUBJECTS)).notes == ()
        world.seconds += 300
        world.register.fails = Reason.SOURCE_UNAVAILABLE
        word = await facts.of(CONTEXT, JAN, self.SUBJECTS)
        assert word.consent == GIVEN
        assert word.notes == ("national-consents/last-known",)

    async def test_one_that_is_down_refuses_and_names_itself(self) -> None:
        world = World()
        world.register.fails = Reason.SOURCE_UNAVAILABLE
        with pytest.raises(HubError) as refusal:
            await NationalFacts(consents=world.known).of(CONTEXT, JAN, self.SUBJECTS)
        assert refusal.value.reason is Reason.NATIONAL_SERVICE_UNAVAILABLE

    async def test_only_consent_is_asked_for_when_nobody_else_than_the_patient_asks(self) -> None:
        nobody_there: NationalService[tuple[TherapeuticLink, ...]] = MissingLinks()
        links = LastKnown(
            NationalRegister.LINKS,
            nobody_there,
            patience=Patience(remembered=1, nothing_remembered=1, last_known=0),
            lets_in=bool,
        )
        facts = NationalFacts(consents=World().known, links=links)
        assert (await facts.of(CONTEXT, JAN, ())).consent == GIVEN
        with pytest.raises(HubError) as refusal:
            await facts.of(CONTEXT, JAN, self.SUBJECTS)
        assert refusal.value.details == {"service": "of links"}


class MissingLinks:
    """A register of links that is not there."""

    name = "missing"
    certificates = None

    async def ask(self, question: NationalQuestion, context: RequestContext) -> tuple[TherapeuticLink, ...]:  # noqa: ARG002 - as the port says
        raise HubError(Reason.SOURCE_UNAVAILABLE, source=self.name)

    def is_available(self) -> bool:
        return False

    async def close(self) -> None:
        pass
