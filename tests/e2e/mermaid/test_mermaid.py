"""The chart of a plan is what mermaid's own parser reads from it, whatever the names in the plan."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.formats.plan_markdown import plan_markdown
from gatekeeper.formats.plan_mermaid import plan_flowchart
from gatekeeper.model.plan import Dependency, Pillar
from tests.formats.plan_sample import PLAN, STREAMS
from tests.npm import installed
from tests.strategies import HOSTILE

pytestmark = pytest.mark.long
HERE = Path(__file__).parent
NAMES = (*HOSTILE, "end", "subgraph", "graph", "default", "style x", "click w1 href", '"]\n  w9["', "w1 --> w2", "%% x")
NAMES += ("%%{init: {}}%%", "a;b", "1. one", "- two", "* three", "`four`", "<br>", "#quot;", "x" * 500, "o--o", "--x")


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which mermaid is installed; skips where it cannot be had."""
    folder = tmp_path_factory.mktemp("mermaid")
    for name in ("package.json", "parse.mjs"):
        shutil.copy(HERE / name, folder)
    installed(folder)
    return folder


def parsed(parser, charts):
    done = subprocess.run(
        ["node", "parse.mjs"], cwd=parser, input=json.dumps(charts), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def chart_of(plan):
    return "\n".join(plan_flowchart(plan)) + "\n"


def hostile(name):
    """The sample with the name everywhere that a label is made of."""
    first = replace(STREAMS[0], id=name, title=name, agent=name)
    needs = (Dependency(name, "declared", name), Dependency("absent", "declared", name))
    others = [replace(stream, title=name) for stream in STREAMS[1:4]]
    return replace(PLAN, workstreams=(first, *others, replace(STREAMS[4], needs=needs)))


def test_every_chart_is_read_as_it_was_meant(parser):
    many = tuple(replace(STREAMS[n % 5], id=f"s{n}", needs=()) for n in range(29))
    widest = replace(PLAN, workstreams=(*many, replace(
        STREAMS[4], id="s29", needs=tuple(Dependency(stream.id, "x", "y") for stream in many)
    )))  # fmt: skip
    crowd = replace(PLAN, workstreams=tuple(
        replace(STREAMS[0], id=f"c{n}", pillar=tuple(Pillar)[n % 6]) for n in range(200)
    ))  # fmt: skip
    plans = [PLAN, widest, crowd, *map(hostile, NAMES)]
    answers = parsed(parser, [chart_of(plan) for plan in plans])
    for plan, answer in zip(plans, answers, strict=True):
        assert "error" not in answer, (plan.workstreams[0].title, answer)
        assert list(answer["nodes"]) == [f"w{n}" for n in range(1, len(answer["nodes"]) + 1)]
        assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._/-]*", label) for label in answer["nodes"].values())
        assert not any(re.match(r"\d+\. ", label) for label in answer["nodes"].values())
    assert answers[0]["nodes"]["w1"] == "w1 Page parameters on GET /users"
    assert answers[0]["edges"] == [[f"w{n}", "w5"] for n in range(1, 5)]
    assert (len(answers[1]["nodes"]), len(answers[1]["edges"])) == (30, 29)
    assert answers[2]["nodes"]["w1"] == "34 workstreams - primary"
    assert all(len(answer["nodes"]) == 5 and answer["edges"] == [["w1", "w5"]] for answer in answers[3:])


def test_the_chart_in_the_comment_is_that_chart():
    fenced = re.search(r"```mermaid\n(.*?)```", plan_markdown(PLAN), re.DOTALL)
    assert fenced
    assert fenced[1] == chart_of(PLAN)


def test_the_parser_refuses_what_is_no_chart(parser):
    answers = parsed(parser, ["flowchart LR\n  w1[", "nothing"])
    assert all("error" in answer for answer in answers)
