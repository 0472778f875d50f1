"""The program behind the docs gate: reads a request as JSON, looks at both trees without running them, answers facts.

It is started by path. The request holds `head` and `base` (folders of the two trees), `root`, `import_roots`,
`packages`, `search_path`, `files` (each `path`, `base_path`, `exists`), `whole`, `scope` and `openapi_file`. The answer
is one JSON object; its fields are described at `Facts`. Any trouble that keeps it from looking ends it with an
exception, so that its exit code says that nothing was seen.
"""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

# Started by path, the program finds its own package beside its folder even where that is not installed. It comes last,
# so that nothing in it hides another module.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from gatekeeper.formats.docs_paths import is_docs
from gatekeeper.inspectors.docs_files import docs_texts
from gatekeeper.inspectors.openapi import route_changes, spec_paths, spec_text
from gatekeeper.inspectors.sources import read_text
from gatekeeper.inspectors.trees import Trees
from gatekeeper.inspectors.work import ChangedFile, Work


@dataclass
class Facts:
    """What was seen; every item is a plain mapping.

    `touched` are public definitions, `modules` new public modules, `breaks` what callers of the base would stumble
    over, `removed` the names that are gone with the places that still name them, `samples` the checked code of the
    documentation, `routes` the changed HTTP routes, `specs` the committed OpenAPI files, `spec` the text of the first,
    `unreadable` the sources of the change that do not parse, `doctests` how the project runs its samples ("" if it
    does not), `news` the folder of towncrier's entries, `keeps_changelog` whether the base has any, `python` the
    version whose grammar was used, and `notes` what a reader should know of the looking itself.
    """

    touched: list[dict[str, Any]] = field(default_factory=list)
    modules: list[dict[str, Any]] = field(default_factory=list)
    breaks: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    routes: list[dict[str, Any]] = field(default_factory=list)
    specs: list[str] = field(default_factory=list)
    spec: str = ""
    unreadable: list[dict[str, Any]] = field(default_factory=list)
    doctests: str = ""
    news: str = ""
    keeps_changelog: bool = True
    python: list[int] = field(default_factory=lambda: list(sys.version_info[:2]))
    notes: list[str] = field(default_factory=list)


def inspect(work: Work) -> Facts:
    """Look at all that the criteria ask for."""
    facts = Facts()
    trees = Trees(work)
    facts.unreadable = [asdict(item) for item in trees.unreadable]
    _look_at_interface(work, trees, facts)
    _look_at_samples(work, trees, facts)
    _look_at_routes(work, facts)
    facts.notes += trees.notes
    return facts


def _look_at_interface(work: Work, trees: Trees, facts: Facts) -> None:
    facts.modules = [asdict(module) for module in trees.new_modules()]
    if not (trees.interface_changed or work.whole):
        return
    from gatekeeper.inspectors.comparison import Comparison  # noqa: PLC0415 - griffe comes with it
    from gatekeeper.inspectors.habits import keeps_changelog, news_folder  # noqa: PLC0415 - as above
    from gatekeeper.inspectors.mentions import Removed, find_mentions  # noqa: PLC0415 - as above

    comparison = Comparison(trees.base, trees.head, work.scope)
    facts.touched = [asdict(item) for item in comparison.touched() if item.state != "same" or item.has_section]
    if work.whole:
        return
    breaks, gone = comparison.breaks()
    facts.breaks = [asdict(item) for item in breaks]
    if breaks:
        facts.news = news_folder(work.head, work.root)
        facts.keeps_changelog = keeps_changelog(work.base, work.root)  # the base: a change may delete it
    surface = trees.base.surface
    removed = [Removed(paths, surface.is_class(paths[0].rpartition(".")[0]), trees.names()) for paths in gone]
    mentions = list(find_mentions(removed, trees.docs())) if removed else []
    for item in removed:
        places = [asdict(mention) for mention in mentions if mention.name == item.name]
        facts.removed.append({"name": item.name, "mentions": places})


def _look_at_samples(work: Work, trees: Trees, facts: Facts) -> None:
    changed = dict(_docs_of(work))
    if not (changed or facts.removed):
        return
    from gatekeeper.inspectors.examples import check_samples, stale_imports  # noqa: PLC0415 - many changes have no docs
    from gatekeeper.inspectors.habits import doctest_habit  # noqa: PLC0415 - as above

    for path, base_text in changed.items():
        text = read_text(Path(work.head, path))
        if text is not None:
            checked = check_samples(path, text, base_text, trees.resolves_in_head, trees.resolves_in_base)
            facts.samples += [asdict(sample) for sample in checked]
    if facts.removed:
        for path, text in trees.docs():
            if path not in changed:
                stale = stale_imports(path, text, trees.resolves_in_head, trees.resolves_in_base)
                facts.samples += [asdict(sample) for sample in stale]
    if facts.samples:
        facts.doctests = doctest_habit(work.head, work.root)


def _docs_of(work: Work) -> list[tuple[str, str | None]]:
    """The documentation to check, each path with the text of its base."""
    if work.whole:
        return [(path, None) for path, _ in docs_texts(work.head, work.root, work.paths, work.head)]
    return [
        (file.path, read_text(Path(work.base, file.base_path)) if file.base_path else None)
        for file in work.files
        if file.exists and is_docs(file.path)
    ]


def _look_at_routes(work: Work, facts: Facts) -> None:
    if work.whole:
        return
    changes = route_changes(_python_texts(work, work.files))
    if not changes and not work.openapi_file:
        return
    specs = (work.openapi_file,) if work.openapi_file else spec_paths(work.head, work.root, work.paths, work.base)
    facts.routes = [asdict(change) for change in changes]
    facts.specs = list(specs)
    facts.spec = spec_text(work.head, specs[0]) if specs else ""


def _python_texts(work: Work, files: tuple[ChangedFile, ...]) -> list[tuple[str, str | None, str | None]]:
    return [
        (
            file.path,
            read_text(Path(work.base, file.base_path)) if file.base_path else None,
            read_text(Path(work.head, file.path)) if file.exists else None,
        )
        for file in files
        if file.path.endswith(".py") and work.is_product(file.path)
    ]


def main() -> None:
    """Read the request from standard input and write the answer to standard output."""
    gc.disable()  # the process ends soon; collecting takes a third of its time
    work = Work.from_request(json.load(sys.stdin))
    sys.stdout.write(json.dumps(asdict(inspect(work))))


if __name__ == "__main__":
    main()
