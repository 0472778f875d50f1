"""Finds which gates of a run are skipped at a person's wish, and whether the policy grants it."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.edges.git import Repository
from gatekeeper.edges.policies import tree_policy
from gatekeeper.formats.skipping import check_names, check_permission, is_automatic, skip_wish
from gatekeeper.model.candidate import Target
from gatekeeper.model.policy import Policy


def skips_for(
    repository: Repository, target: Target, policy: Policy, environment: Mapping[str, str], hook: str
) -> dict[str, str]:
    """The reason by the name of each gate that is skipped. Raises `UsageError` for a wish that is not granted.

    Where a person works, the policy of the run decides. In CI it is that of the base alone, whatever the target is: a
    change cannot allow itself to be judged less.
    """
    wish = skip_wish(environment)
    if not wish.gates:
        return {}
    check_names(wish, (gate.name for project in policy.projects for gate in project.gates))
    automatic = is_automatic(environment, hook)
    granting = tree_policy(repository, target.base_tree, "the base", {}, {}) if automatic else policy
    allowed = granting.projects[0].value("allow_skip")
    check_permission(None if allowed is None else bool(allowed), automatic)
    return dict.fromkeys(wish.gates, wish.reason)
