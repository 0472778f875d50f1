"""Descriptions of coding agents: the shipped ones, and what a configuration may say."""

from __future__ import annotations

import pytest

from gatekeeper.agent_templates import template_names
from gatekeeper.formats.agent_templates import (
    AgentCheck,
    coding_agents,
    described_agents,
    described_template,
    template,
)
from gatekeeper.formats.config_schema import complaints, schema_at
from gatekeeper.model.coding_agent import CodingAgent, Driver, Progress
from gatekeeper.model.errors import UsageError


def entry(**keys: object) -> dict[str, object]:
    """An agent of the setting `agents`."""
    return {"name": "mine", "pillar": "primary", **keys}


def test_the_schema_names_the_shipped_templates():
    assert tuple(schema_at(("agents", 0, "use"))["enum"]) == template_names()
    assert template_names() == ("aider", "claude", "codex", "mini", "opencode", "opencode-acp")


@pytest.mark.parametrize("name", template_names())
def test_every_template_is_sound(name):
    described = described_template(name)
    agent = template(name)
    assert (agent.name, agent.template, described.agent) == (name, name, agent)
    assert described.install
    assert described.check is not None
    assert "{url}" in str(described.check)
    assert agent.driver is Driver.ACP or any("{prompt" in word for word in agent.argv)
    assert (agent.driver is Driver.ACP) == (name == "opencode-acp")


def test_an_unknown_template_names_the_nearest():
    with pytest.raises(UsageError, match="did you mean `codex`") as caught:
        template("codx")
    assert caught.value.hint == "gatekeeper agents lists all of them"


def test_agents_without_a_program_are_names_only():
    assert coding_agents([entry(), entry(name="other", reason="for a reason")]) == {}


def test_a_template_is_refined():
    made = coding_agents([entry(use="codex", time_limit="1h 30m", idle_limit="90s", env=["KEY"], set={"A": "1"})])
    base = template("codex")
    assert made["mine"] == CodingAgent(
        "mine", base.argv, base.driver, base.progress, "", 5400.0, 90.0, (*base.environment, "KEY"), (("A", "1"),),
        base.litter, "codex",
    )  # fmt: skip


def test_an_agent_of_ones_own():
    given = entry(
        run="./agent.sh --task '{prompt_file}' --note='a b'", progress="trajectory",
        progress_file="{scratch}/t.json", litter=["*.log"], check={"set": {"URL": "{url}"}},
    )  # fmt: skip
    assert complaints({"agents": [given]}) == []
    described = described_agents([given])["mine"]
    assert described.agent.argv == ("./agent.sh", "--task", "{prompt_file}", "--note=a b")
    assert (described.agent.progress, described.agent.litter) == (Progress.TRAJECTORY, ("*.log",))
    assert described.check == AgentCheck((), (("URL", "{url}"),))
    assert coding_agents([entry(run=["a b", "{prompt}"])])["mine"].argv == ("a b", "{prompt}")
    assert coding_agents([entry(run=["agent", "acp"], driver="acp")])["mine"].driver is Driver.ACP


def test_an_agent_may_stand_for_several_pillars():
    run = ["agent", "{prompt}"]
    assert len(coding_agents([entry(run=run), entry(pillar="docs", run=run), entry(pillar="tests")])) == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"use": "codex", "run": "x {prompt}"}, "`agents[0]` has both `use` and `run`"),
        ({"driver": "acp"}, "`agents[0].driver` says nothing, since the agent has no program"),
        ({"litter": []}, "`agents[0].litter` says nothing, since the agent has no program"),
        ({"use": "codx"}, 'there is no shipped description of an agent named "codx"; did you mean `codex`?'),
        ({"run": "agent"}, "`agents[0].run` does not tell the agent what to do"),
        ({"run": "agent {promt}"}, 'the text "{promt}" in `agents[0].run[1]` has an unknown placeholder'),
        ({"run": "agent {prompt} 'x"}, "`agents[0].run`: the command cannot be split into words (No closing quotation"),
        ({"run": "agent {prompt} | tee x"}, "`agents[0].run`: the command is started without a shell, so `|` would be"),
        ({"run": "KEY=1 agent {prompt}"}, "`agents[0].run`: the command is started without a shell; put KEY="),
        ({"run": ["sh", "-c", "agent '{prompt}'"]}, "`agents[0].run` puts {prompt} into the code of a shell"),
        ({"use": "codex", "set": {"A": "{x}"}}, 'the text "{x}" in `agents[0].set.A` has an unknown placeholder'),
        ({"use": "codex", "time_limit": "soon"}, '`agents[0].time_limit` is no time: the text "soon"'),
        (
            {"use": "codex", "progress": "trajectory"},
            "`agents[0]` shows its progress by a trajectory, and does not say",
        ),
        (
            {"use": "codex", "check": {"files": {"../x": ""}}},
            '`agents[0].check` writes the text "../x" outside its fol',
        ),
        ({"use": "codex", "check": {"set": {"A": "{y}"}}}, 'the text "{y}" in `agents[0].check` has an unknown'),
    ],
)
def test_what_is_wrong_is_said(keys, message):
    with pytest.raises(UsageError) as caught:
        coding_agents([entry(**keys)])
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_two_descriptions_of_one_agent_are_refused():
    with pytest.raises(UsageError, match=r"`agents\[1\]` describes the agent the text \"mine\" in another way"):
        coding_agents([entry(use="codex"), entry(use="mini")])


@pytest.mark.parametrize(
    "keys",
    [{"run": []}, {"run": 1}, {"run": ""}, {"env": ["A=B"]}, {"set": {"A B": ""}}, {"use": "x"}, {"set": {"A": 1}}],
)
def test_the_schema_refuses(keys):
    assert complaints({"agents": [entry(**keys)]})
