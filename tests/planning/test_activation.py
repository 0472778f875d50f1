"""Which modes are active, whatever their order; who gives way, and what is an error."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.edges.modes import built_in_library
from gatekeeper.model.errors import UsageError
from gatekeeper.model.mode import EVERY_MODE, ORCHESTRATION, Mode, ModeWish, Priority
from gatekeeper.model.mode_library import Library
from gatekeeper.model.rules import RuleFile
from gatekeeper.model.trigger import Measurement, Trigger
from gatekeeper.planning.activation import activate, mode_states, settle
from gatekeeper.planning.contest import clash

LOW, MEDIUM, HIGH = Priority
FIXED = Measurement(Trigger.BUG_FIX, True, "bug_fix: the change is a bugfix")
QUIET = Measurement(Trigger.BUG_FIX, False, "bug_fix: the change is a feature, not a bugfix")


def library(*modes, rules=()):
    return Library(modes, tuple(RuleFile(name) for name in rules))


def mode(name, priority=MEDIUM, **fields):
    return Mode(name, priority=priority, **fields)


def auto(name, priority=MEDIUM, **fields):
    return mode(name, priority, triggers=("bug_fix",), **fields)


def names(settled):
    return [one.mode.name for one in settled.active]


def refusal(*arguments, **fields):
    with pytest.raises(UsageError) as caught:
        activate(*arguments, **fields)
    return caught.value.message


def test_a_trigger_makes_a_mode_active_with_its_evidence():
    settled = activate(library(auto("a"), mode("b")), ModeWish(), [FIXED])
    assert [(one.mode.name, one.reasons) for one in settled.active] == [("a", (FIXED.evidence,))]
    assert activate(library(auto("a")), ModeWish(), [QUIET]).active == ()


def test_a_mode_that_is_asked_for_is_active_without_a_trigger():
    settled = activate(library(mode("a"), auto("b")), ModeWish(("a", "b")), [FIXED])
    assert [one.reasons for one in settled.active] == [("--mode",), ("--mode", FIXED.evidence)]


def test_a_refused_mode_is_off_and_without_a_name_all_that_nobody_asked_for():
    modes = library(auto("a"), auto("b"), mode("c"))
    assert names(activate(modes, ModeWish((), frozenset({"a"})), [FIXED])) == ["b"]
    assert names(activate(modes, ModeWish((), frozenset({EVERY_MODE})), [FIXED])) == []
    assert names(activate(modes, ModeWish(("c",), frozenset({EVERY_MODE})), [FIXED])) == ["c"]


def test_unknown_and_contradictory_names():
    modes = library(mode("Strict"))
    assert refusal(modes, ModeWish(("strict",)), []) == "there is no mode 'strict' (--mode); did you mean `Strict`?"
    assert "(--no-mode)" in refusal(modes, ModeWish((), frozenset({"x"})), [])
    assert "asked for and refused" in refusal(modes, ModeWish(("Strict",), frozenset({"Strict"})), [])


@pytest.mark.parametrize("fields", [{"conflicts": ("low",)}, {"group": "g"}])
def test_a_mode_of_higher_priority_evicts_with_a_note(fields):
    modes = library(auto("low", LOW, group="g"), auto("high", HIGH, **fields))
    for wish in (ModeWish(), ModeWish(("low", "high")), ModeWish(("high",))):
        settled = activate(modes, wish, [FIXED])
        assert names(settled) == ["high"]
        (note,) = settled.notes
        assert note.startswith("the mode low gives way to high: ")
        assert note.endswith("high has the higher priority (high against low)")


def test_the_conflict_counts_whoever_names_it():
    modes = library(auto("low", LOW, conflicts=("high",)), auto("high", HIGH))
    assert names(activate(modes, ModeWish(), [FIXED])) == ["high"]


def test_equal_priority_is_an_error_that_says_what_to_do():
    modes = library(auto("a", group="g"), auto("b", group="g"))
    assert refusal(modes, ModeWish(), [FIXED]) == (
        "the modes a and b cannot be active together: both are of the group g, and both have the priority medium; "
        "switch one of them off with --no-mode a or --no-mode b"
    )


def test_what_a_person_asks_for_is_not_dropped_for_what_came_by_itself():
    modes = library(mode("low", LOW, group="g"), auto("high", HIGH, group="g"))
    message = refusal(modes, ModeWish(("low",)), [FIXED])
    assert "low has the lower priority (low against high); switch high off with --no-mode high" in message
    assert names(activate(modes, ModeWish(("low",), frozenset({"high"})), [FIXED])) == ["low"]


@pytest.mark.parametrize(("answer", "kept"), [("a", ["a"]), ("b", ["b"])])
def test_a_question_can_be_answered(answer, kept):
    modes = library(auto("a", group="g"), auto("b", group="g"))
    asked = []

    def ask(question, options):
        asked.append((question, options))
        return answer

    settled = activate(modes, ModeWish(), [FIXED], ask)
    assert names(settled) == kept
    assert [options for _, options in asked] == [("a", "b")]
    assert asked[0][0].endswith("Which one shall hold?")
    assert settled.notes[0].endswith(f"{answer} was chosen")


@pytest.mark.parametrize(("answer", "kept"), [("low", ["low"]), ("high", ["high"])])
def test_a_question_about_the_lower_one_too(answer, kept):
    modes = library(mode("low", LOW, group="g"), auto("high", HIGH, group="g"))
    assert names(activate(modes, ModeWish(("low",)), [FIXED], lambda *_: answer)) == kept
    assert "cannot be active together" in refusal(modes, ModeWish(("low",)), [FIXED], lambda *_: "")


def test_what_is_asked_for_must_win_against_all_that_came_by_itself():
    modes = library(mode("a", LOW), auto("b", MEDIUM, conflicts=("a",)), auto("c", MEDIUM, conflicts=("a",)))

    def kept(*winners):
        ask = {("a", "b"): winners[0], ("a", "c"): winners[1]}
        return names(activate(modes, ModeWish(("a",)), [FIXED], lambda _, options: ask[options]))

    assert kept("a", "a") == ["a"]
    assert kept("a", "c") == ["b", "c"]
    assert kept("b", "a") == ["b", "c"]


def test_answers_that_go_round_in_a_circle_are_an_error():
    modes = library(*(auto(name, group="g") for name in "abc"))
    winners = {("a", "b"): "a", ("a", "c"): "c", ("b", "c"): "b"}
    message = refusal(modes, ModeWish(), [FIXED], lambda _, options: winners[options])
    assert "cannot be active together" in message


def test_a_mode_that_gave_way_evicts_nobody():
    chain = (auto("low", LOW, conflicts=("mid",)), auto("mid", MEDIUM, conflicts=("high",)), auto("high", HIGH))
    assert names(activate(library(*chain), ModeWish(), [FIXED])) == ["high", "low"]


@pytest.mark.parametrize(
    ("dependency", "message"),
    [
        ("x-rules", "the mode a needs the rule file x-rules, which is not there; add .gatekeeper/rules/x-rules.md, or"),
        ("rule:x", "the mode a needs the rule file x, which is not there; add .gatekeeper/rules/x.md, or"),
        ("x.md", "the mode a needs the rule file x, which is not there"),
        ("x", "the mode a needs the mode x, which is not there; add .gatekeeper/modes/x.md, or take `x` out"),
    ],
)
def test_a_missing_dependency_is_named(dependency, message):
    assert refusal(library(auto("a", dependencies=(dependency,))), ModeWish(), [FIXED]).startswith(message)


@pytest.mark.parametrize("dependency", ["x-rules", "rule:x-rules", "x-rules.md", "other"])
def test_a_rule_file_that_is_there_is_found(dependency):
    modes = library(auto("a", dependencies=(dependency,)), rules=("x-rules", "other"))
    assert names(activate(modes, ModeWish(), [FIXED])) == ["a"]


def test_what_an_active_mode_needs_is_active_too():
    modes = library(auto("a", dependencies=("b",)), mode("b", dependencies=("c",)), mode("c"), mode("d"))
    settled = activate(modes, ModeWish(), [FIXED])
    assert {one.mode.name: one.reasons for one in settled.active} == {
        "a": (FIXED.evidence,),
        "b": ("needed by a",),
        "c": ("needed by b",),
    }


def test_a_needed_mode_that_is_off_or_gives_way_is_an_error():
    modes = library(auto("a", dependencies=("b",)), mode("b", LOW, group="g"), auto("c", HIGH, group="g"))
    assert "a needs the mode b, which gives way to c" in refusal(modes, ModeWish(), [FIXED])
    off = ModeWish((), frozenset({"b", "c"}))
    assert "a needs the mode b, which --no-mode switches off" in refusal(modes, off, [FIXED])


def test_modes_that_need_one_another():
    modes = library(auto("a", dependencies=("b",)), mode("b", dependencies=("a",)))
    assert names(activate(modes, ModeWish(), [FIXED])) == ["a", "b"]


def test_a_mode_cannot_stay_when_what_called_for_it_has_to_go():
    # x is kept as long as w keeps v away; but x needs y, which evicts w, so that v comes back and evicts x
    modes = library(
        auto("x", LOW, dependencies=("y",)),
        auto("v", MEDIUM, conflicts=("x",)),
        auto("w", HIGH, conflicts=("v",)),
        mode("y", HIGH, conflicts=("w",)),
    )
    asked: list[tuple[str, str]] = []

    def ask(question, options):
        asked.append(options)
        return "y"

    message = refusal(modes, ModeWish(), [FIXED], ask)
    assert asked == [("w", "y")]
    assert message.startswith("the mode y was only called for by a mode that has to give way because of it")


def test_the_states_of_a_list():
    modes = library(
        auto("a", HIGH, group="g"), auto("b", LOW, group="g"), mode("c"), auto("d"), mode("e", dependencies=("x-rules",)),
        mode("f", group="g"), auto("h", group="h"), auto("i", group="h"), mode("j", triggers=("code_generation",)),
    )  # fmt: skip
    quiet = Measurement(Trigger.CODE_GENERATION, False, "code_generation: 0 lines")
    wish = ModeWish((), frozenset({"d"}))
    states = mode_states(modes, wish, [FIXED, quiet], settle(modes, wish, [FIXED, quiet]))
    assert {state.mode.name: state.state for state in states} == {
        "a": "active",
        "b": "evicted",
        "c": "available",
        "d": "off",
        "e": "cannot be active",
        "f": "cannot be active",
        "h": "cannot be active",
        "i": "cannot be active",
        "j": "available",
    }
    why = {state.mode.name: state.why for state in states}
    assert why["c"] == ("it has no triggers; ask for it with --mode c",)
    assert why["f"] == ("not beside a, which is active: both are of the group g",)
    assert why["j"] == (quiet.evidence,)


def test_the_built_in_mode_can_be_active():
    for wish, measured in ((ModeWish((ORCHESTRATION,)), []), (ModeWish(), [FIXED])):
        assert names(activate(built_in_library(), wish, measured)) == [ORCHESTRATION]


NAMES = "abcdefg"


@st.composite
def cases(draw):
    modes = [
        Mode(
            name,
            priority=draw(st.sampled_from(Priority)),
            group=draw(st.sampled_from(["", "", "g", "h"])),
            conflicts=tuple(n for n in draw(st.sets(st.sampled_from(NAMES), max_size=2)) if n != name),
            dependencies=tuple(n for n in draw(st.sets(st.sampled_from(NAMES), max_size=1)) if n != name),
            triggers=draw(st.sampled_from([(), ("bug_fix",)])),
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=7))
    ]
    there = [one.name for one in modes]
    asked = draw(st.lists(st.sampled_from(there), unique=True, max_size=3)) if there else []
    refused = draw(st.sets(st.sampled_from([*there, EVERY_MODE]), max_size=2)) - set(asked)
    answers = draw(st.none() | st.integers(0, 99))
    return modes, asked, refused, answers, draw(st.permutations(modes)), draw(st.permutations(asked))


@settings(max_examples=400, deadline=None)
@given(cases())
def test_the_outcome_is_sound_and_does_not_depend_on_the_order(case):
    modes, asked, refused, answers, shuffled, reordered = case
    ask = None if answers is None else lambda _, options: options[crc32(f"{answers}{options}".encode()) % 2]
    wish = ModeWish(tuple(asked), frozenset(refused))
    settled = settle(Library(tuple(modes), ()), wish, [FIXED], ask)
    other = settle(Library(tuple(shuffled), ()), ModeWish(tuple(reordered), frozenset(refused)), [FIXED], ask)
    assert settled == other
    states = mode_states(Library(tuple(modes), ()), wish, [FIXED], settled)
    assert [state.mode.name for state in states] == sorted(one.name for one in modes)
    if settled.obstacles:
        return
    active = [one.mode for one in settled.active]
    assert all(one.reasons for one in settled.active)
    assert not any(clash(a, b) for a in active for b in active if a is not b)
    kept = {one.name for one in active}
    assert all(set(one.dependencies) <= kept for one in active)
    assert not kept & refused
    called = {m.name for m in modes if m.name in asked or (m.triggers and not wish.refuses(m.name))}
    assert called <= kept | {eviction.mode.name for eviction in settled.evictions}
    if ask is None:
        assert all(e.by.priority.rank > e.mode.priority.rank and e.by in active for e in settled.evictions)
