"""Tells what the outcome of a program stands on that reads the two trees of a request and the environment."""

from __future__ import annotations

from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.model.job import Basis
from gatekeeper.ports import Request

_STANDARD_LIBRARY = lazy_pattern(r"/(?:python\d[\d.]*t?(?:\.zip)?|lib-dynload)$")


def basis_of(request: Request, asked: str) -> Basis:
    """What the answer to a question stands on: both trees, the environment, and other code on the import path.

    Such code is that of a project that is installed in place: another one, or this one where the candidate lies
    elsewhere, so that the path leads to the working tree.
    """
    candidate, environment = request.candidate, request.environment
    folders = (candidate.directory, candidate.base_directory)
    trees = (request.target.base_tree, request.target.head_tree)
    installed = tuple(entry for entry in environment.search_path if _is_installed(entry))
    near = f"{candidate.directory}/"
    return Basis(
        question="\n".join((*trees, *folders, str(candidate.in_place), *candidate.outdated, asked)),
        places=(
            *(environment.python, _described(environment.python), request.own_python, _described(request.own_python)),
            *(request.ruff, f"{request.programs}/inside", f"{request.programs}/inspectors"),
            *installed,
            *(request.inside(path) for path in candidate.borrowed),
        ),
        made_in=tuple(request.inside(root) for root in request.project.import_roots),
        edited_in=tuple(e for e in environment.search_path if e not in installed and not f"{e}/".startswith(near)),
    )


def _is_installed(entry: str) -> bool:
    """Whether a place on the import path is Python's own, or one into which packages are installed."""
    return "-packages" in entry or bool(_STANDARD_LIBRARY().search(entry))


def _described(python: str) -> str:
    """The file that describes the environment of an interpreter."""
    return f"{python.rpartition('/')[0].rpartition('/')[0]}/pyvenv.cfg"
