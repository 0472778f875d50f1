"""What programs open that a test starts is what the test depends on; what cannot be seen means everything."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.model.change import FileChange
from gatekeeper.model.selection import ASKS_GIT, Covered, TestMap
from gatekeeper.planning.selection import select
from tests.inside.learning import added, affected, deleted, edit, learn, written

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere tests that start processes always run")

FILES = {
    "app/__init__.py": "",
    "app/core.py": "def add(a, b):\n    return a + b\n",
    "app/cached.py": """
        import subprocess
        from functools import lru_cache

        @lru_cache
        def told():
            return subprocess.check_output(["cat", "data/told.txt"])
        """,
    "data/one.txt": "1\n",
    "data/two.txt": "2\n",
    "data/told.txt": "3\n",
    "listed/a.cfg": "a\n",
    "listed/README.md": "read\n",
    "listed/deep/b.cfg": "b\n",
    "tool.sh": "#!/bin/sh\ncat data/two.txt\n",
    "README.md": "me\n",
    "tests/test_programs.py": """
        import os, subprocess, sys

        import pytest

        from app.cached import told

        def test_nothing():
            subprocess.run(["true"], check=True)

        def test_reads():
            assert subprocess.check_output(["cat", "data/one.txt"]) == b"1\\n"

        def test_system():
            assert os.system("cat data/one.txt") == 0

        def test_spawn():
            os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "cat data/one.txt"], os.environ), 0)

        def test_script():
            assert subprocess.check_output(["./tool.sh"]) == b"2\\n"

        def test_lists():
            assert b"a.cfg" in subprocess.check_output(["ls", "listed"])

        def test_python():
            subprocess.run([sys.executable, "-c", "from app.core import add"], check=True)

        def test_bytecode():
            subprocess.run([sys.executable, "-c", "from app.core import add"], check=True)

        def test_reads_itself():
            subprocess.run(["true"], check=True)
            assert open("data/two.txt").read()

        def test_caches():
            assert told()

        def test_is_told():
            assert told()

        @pytest.fixture(scope="module")
        def started():
            subprocess.run(["cat", "data/two.txt"], check=True)

        def test_uses(started):
            pass

        def test_uses_too(started):
            pass

        def test_none():
            pass
        """,
    "tests/test_unclear.py": """
        import multiprocessing, os, subprocess, sys

        import pytest

        @pytest.fixture(scope="module")
        def served():
            program = subprocess.Popen(["sleep", "9"])
            yield
            program.kill()
            program.wait()

        def test_executes():
            subprocess.run(["true"], check=True, preexec_fn=os.getpid)

        def test_goes_on():
            os.posix_spawn("/bin/sleep", ["sleep", "2"], os.environ)

        def test_is_left():
            subprocess.run(["sh", "-c", "sleep 2 &"], check=True)

        def test_forks():
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)

        def test_multiprocessing():
            process = multiprocessing.get_context("spawn").Process(target=print)
            process.start()
            process.join()

        def test_is_served(served):
            pass

        def test_is_served_too(served):
            pass
        """,
}
UNCLEAR = {"test_executes", "test_goes_on", "test_is_left", "test_forks", "test_multiprocessing"}
UNCLEAR |= {"test_is_served", "test_is_served_too"}
USING = {"test_uses", "test_uses_too"}
"""Tests with a fixture of a module that starts a program."""
TOLD = {"test_caches", "test_is_told"}
PYTHONS = {"test_python", "test_bytecode"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = written(tmp_path_factory.mktemp("children") / "tree", FILES)
    (found / "tool.sh").chmod(0o755)
    return found


@pytest.fixture(scope="module")
def known(tree: Path) -> TestMap:
    """What is known after two runs: in the second one programs find bytecode."""
    learn(tree, PYTHONDONTWRITEBYTECODE="")
    found, report = learn(tree, PYTHONDONTWRITEBYTECODE="")
    assert not report.failures
    assert (tree / "app/__pycache__").is_dir()
    return found


def runs(known: TestMap, *files: FileChange) -> set[str] | str:
    """The tests that run beside those that always do."""
    found = affected(known, *files)
    return found if isinstance(found, str) else found - UNCLEAR


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data/one.txt", {"test_reads", "test_system", "test_spawn"}),
        ("data/two.txt", {"test_script", "test_reads_itself", *USING}),
        ("listed/a.cfg", "nothing was seen to read it"),
        ("listed/README.md", set()),
        ("README.md", set()),
    ],
)
def test_what_a_program_opens_concerns_the_test_that_started_it(
    tree: Path, known: TestMap, path: str, expected: set[str] | str
) -> None:
    found = runs(known, edit(tree, path, (tree / path).read_text(), "other\n"))
    assert expected in found if isinstance(expected, str) else found == expected, found


def test_a_script_is_what_it_opens(tree: Path, known: TestMap) -> None:
    assert "test_script" in runs(known, edit(tree, "tool.sh", "two", "one"))


def test_a_document_that_comes_or_goes_concerns_whoever_lists_the_folder(tree: Path, known: TestMap) -> None:
    for change in (added("listed/more.md"), deleted(tree, "listed/README.md")):
        found = select(known, [change], names={*FILES, "listed/more.md"}).runs
        assert {test.split("::")[1] for test in found} - UNCLEAR == {"test_lists"}


def test_what_a_python_imports_concerns_the_test_also_when_it_reads_bytecode(tree: Path, known: TestMap) -> None:
    assert runs(known, edit(tree, "app/core.py", "a + b", "b + a")) == PYTHONS


def test_bytecode_that_comes_while_tests_run_stands_for_its_source(tmp_path: Path) -> None:
    fresh = written(tmp_path / "tree", FILES)
    (fresh / "tool.sh").chmod(0o755)
    first, _ = learn(fresh, PYTHONDONTWRITEBYTECODE="")
    assert runs(first, edit(fresh, "app/core.py", "a + b", "b + a")) == PYTHONS


def test_what_is_kept_of_a_program_concerns_all(tree: Path, known: TestMap) -> None:
    found = runs(known, edit(tree, "data/told.txt", "3", "4"))
    assert isinstance(found, str)
    assert "outside of any test, it reads data/told.txt" in found


def test_forks_and_what_goes_on_mean_everything(tree: Path, known: TestMap) -> None:
    found = affected(known, edit(tree, "README.md", "me", "you"))
    assert found == UNCLEAR
    reasons = {test.split("::")[1]: known.tests[test].touched.everything for test in known.tests}
    assert reasons["test_goes_on"] == reasons["test_is_left"] == "it starts a process that goes on"
    assert reasons["test_executes"] == "it starts another process"


def test_a_program_may_cover_new_lines_of_what_it_opens(tree: Path, known: TestMap) -> None:
    change = edit(tree, "app/core.py", "a + b", "b + a")
    found = affected(known, covered=[change])
    assert isinstance(found, set)
    assert found - UNCLEAR == PYTHONS


def test_where_a_total_is_asked_for_whatever_starts_a_program_runs(known: TestMap) -> None:
    selection = select(replace(known, covered=Covered("", False, {})), [], total=True)
    short = {test.split("::")[1] for test in selection.runs}
    assert short == {test.split("::")[1] for test in known.tests} - {"test_none", "test_is_told"}
    assert "belongs to no test" in selection.runs["tests/test_programs.py::test_nothing"]


def test_a_repository_that_a_program_asks_about_means_everything(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            ".git/HEAD": "ref: refs/heads/main\n",
            "README.md": "me\n",
            "test_git.py": """
                import subprocess

                def test_git():
                    subprocess.run(["cat", ".git/HEAD"], check=True)

                def test_other():
                    subprocess.run(["true"], check=True)
                """,
        },
    )
    known, _ = learn(tree)
    assert affected(known) == affected(known, edit(tree, "README.md", "me", "you")) == {"test_git"}
    assert known.tests["test_git.py::test_git"].touched.everything == ASKS_GIT
    assert affected(known) == {"test_git"}, "the repository may be another one around the same tree"


def test_git_means_everything_also_where_there_is_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = """
        import subprocess

        def test_git():
            subprocess.run(["git", "ls-files"], check=False, preexec_fn=dict)
            subprocess.run(["git", "ls-files"], check=False)
        """
    tree = written(tmp_path / "tree", {"README.md": "me\n", "test_git.py": program})
    known, _ = learn(tree, is_repository=False, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert affected(known) == affected(known, edit(tree, "README.md", "me", "you")) == {"test_git"}


FOLDERS = {
    "docs/deep/a.md": "a\n",
    "docs/b.md": "b\n",
    "test_folders.py": """
        import os, subprocess
        from pathlib import Path

        def test_finds():
            assert b"a.md" in subprocess.check_output(["find", "docs"])

        def test_lists():
            assert b"deep" in subprocess.check_output(["ls", "docs"])

        def test_walks():
            assert list(Path("docs").rglob("a.md"))

        def test_none():
            pass
        """,
}


def test_a_folder_that_comes_or_goes_is_a_name_in_the_one_around_it(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", FOLDERS)
    known, _ = learn(tree)
    names = {path for path in FOLDERS if path.endswith(".md")}

    def runs(change: FileChange, *names: str) -> set[str]:
        found = select(known, [change], names=names)
        assert not found.all_because
        return {test.split("::")[1] for test in found.runs}

    all_three = {"test_finds", "test_lists", "test_walks"}
    assert runs(added("docs/new/c.md"), *names, "docs/new/c.md") == all_three
    assert runs(deleted(tree, "docs/deep/a.md"), "docs/b.md") == all_three
    assert runs(added("docs/deep/c.md"), *names, "docs/deep/c.md") == {"test_finds", "test_walks"}
    assert affected(known, added("docs/deep/c.md")) == all_three, "without the names of the head all folders may be new"


def test_an_environment_that_is_data_of_a_test_is_seen_into(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "tests/env/pyvenv.cfg": "home = /usr\n",
            "tests/env/lib/foo.py": "x = 1\n",
            "tests/test_env.py": """
                import subprocess

                def test_env():
                    subprocess.run(["cat", "tests/env/lib/foo.py"], check=True)
                """,
        },
    )
    known, _ = learn(tree)
    assert affected(known, edit(tree, "tests/env/lib/foo.py", "1", "2")) == {"test_env"}


def test_what_a_program_moves_it_reads(tmp_path: Path) -> None:
    program = """
        import subprocess

        def test_move():
            subprocess.run(["mv", "data/one.txt", "other.txt"], check=True)
            subprocess.run(["mv", "other.txt", "data/one.txt"], check=True)
        """
    tree = written(tmp_path / "tree", {"data/one.txt": "1\n", "test_move.py": program})
    known, _ = learn(tree)
    assert affected(known, edit(tree, "data/one.txt", "1", "2")) == {"test_move"}


def test_bytecode_of_a_name_with_a_dot_stands_for_its_source(tmp_path: Path) -> None:
    program = """
        import subprocess, sys

        LOAD = "import importlib.util as u; s = u.spec_from_file_location('m', 'steps/v1.2.py'); " \\
               "m = u.module_from_spec(s); s.loader.exec_module(m)"

        def test_loads():
            subprocess.run([sys.executable, "-I", "-c", LOAD], check=True)
        """
    tree = written(tmp_path / "tree", {"steps/v1.2.py": "x = 1\n", "test_steps.py": program})
    learn(tree, PYTHONDONTWRITEBYTECODE="")
    known, _ = learn(tree, PYTHONDONTWRITEBYTECODE="")
    assert affected(known, edit(tree, "steps/v1.2.py", "1", "2")) == {"test_loads"}


def test_after_a_process_that_went_on_nobody_knows_what_others_are_told_by_it(tmp_path: Path) -> None:
    program = """
        import os, subprocess

        def test_before():
            subprocess.run(["true"], check=True)

        def test_goes_on():
            os.posix_spawn("/bin/sleep", ["sleep", "2"], os.environ)

        def test_after():
            subprocess.run(["true"], check=True)
        """
    tree = written(tmp_path / "tree", {"README.md": "me\n", "test_later.py": program})
    known, _ = learn(tree)
    assert affected(known, edit(tree, "README.md", "me", "you")) == {"test_goes_on", "test_after"}


def test_what_a_fork_of_the_tests_starts_takes_nothing_from_them(tmp_path: Path) -> None:
    program = """
        import os, subprocess

        def test_forked():
            subprocess.run(["cat", "data.txt"], check=True)
            child = os.fork()
            if not child:
                subprocess.run(["true"], check=True)
                os._exit(0)
            os.waitpid(child, 0)
        """
    tree = written(tmp_path / "tree", {"data.txt": "1\n", "test_forked.py": program})
    known, _ = learn(tree)
    assert known.tests["test_forked.py::test_forked"].touched.reads == {"data.txt"}


def test_what_a_test_puts_in_the_place_of_functions_is_not_called(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "data.txt": "1\n",
            "README.md": "me\n",
            "test_patched.py": """
                import os
                from unittest import mock

                import pytest

                NAMES = ["os.listdir", "os.read", "os.readlink", "os.scandir", "os.open", "os.stat", "builtins.open"]

                @pytest.fixture(scope="module", autouse=True)
                def patched():
                    patches = [mock.patch(name, side_effect=PermissionError(name)) for name in NAMES[:4]]
                    for patch in patches:
                        patch.start()
                    yield
                    for patch in patches:
                        patch.stop()

                @pytest.mark.parametrize("name", NAMES)
                def test_patched(name):
                    with mock.patch(name, side_effect=PermissionError(name)) as called:
                        os.waitpid(os.posix_spawn("/bin/cat", ["cat", "data.txt"], os.environ), 0)
                        called.assert_not_called()
                """,
        },
    )
    known, report = learn(tree)
    assert not report.failures
    assert affected(known, edit(tree, "README.md", "me", "you")) == set()
    assert len(affected(known, edit(tree, "data.txt", "1", "2"))) == 7


def test_a_module_of_the_project_is_not_taken_for_one_of_the_standard_library(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "data.txt": "1\n",
            "app/__init__.py": "",
            "app/platform.py": "import subprocess\n\ndef told():\n    return subprocess.check_output(['cat', 'data.txt'])\n",
            "test_told.py": "from app.platform import told\n\ndef test_told():\n    assert told()\n",
        },
    )
    known, _ = learn(tree)
    assert affected(known, edit(tree, "data.txt", "1", "2")) == {"test_told"}


def test_what_was_lost_before_a_test_is_found_again_and_in_it_means_everything(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "data.txt": "1\n",
            "README.md": "me\n",
            "new/.keep": "",
            "test_much.py": """
                import os, subprocess

                def much():
                    for _ in range(10_000):
                        for name in ("data.txt", "README.md"):
                            os.close(os.open(name, os.O_RDONLY))

                def test_before():
                    much()
                    os.rename("new", "moved")

                def test_reads():
                    subprocess.run(["cat", "data.txt"], check=True)

                def test_within():
                    subprocess.run(["true"], check=True)
                    much()

                def test_after():
                    subprocess.run(["cat", "moved/.keep"], check=True)
                """,
        },
    )
    known, _ = learn(tree)
    touched = {test.split("::")[1]: each.touched for test, each in known.tests.items()}
    assert (touched["test_reads"].everything, touched["test_reads"].reads) == ("", {"data.txt"})
    assert touched["test_within"].everything == "it starts another process"
    assert (touched["test_after"].everything, touched["test_after"].reads) == ("", {"moved/.keep"})


def test_a_folder_that_comes_meanwhile_is_watched(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "test_made.py": """
                import os, subprocess

                def test_makes():
                    subprocess.run(["sh", "-c", "mkdir -p a/b && echo 1 > a/b/c.txt && cat a/b/c.txt"], check=True)

                def test_reads():
                    subprocess.run(["cat", "a/b/c.txt"], check=True)
                """,
        },
    )
    known, _ = learn(tree)
    assert all("a/b/c.txt" in test.touched.reads for test in known.tests.values())


def test_who_closes_all_files_ends_the_watch_and_nobody_reads_from_theirs(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "test_close.py": """
                import os, subprocess

                def test_closes():
                    for number in os.listdir("/proc/self/fd"):
                        place = "/proc/self/fd/" + number
                        if os.path.islink(place) and os.readlink(place).endswith("inotify"):
                            os.close(int(number))
                            global pipe
                            pipe = os.pipe()
                            assert int(number) in pipe
                            os.write(pipe[1], b"1")

                def test_reads():
                    subprocess.run(["true"], check=True)
                    assert os.read(pipe[0], 1) == b"1"
                """,
        },
    )
    known, report = learn(tree)
    assert not report.failures
    assert known.tests["test_close.py::test_reads"].touched.everything == "it starts another process"


def test_what_a_handler_of_signals_raises_reaches_the_test(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "data.txt": "1\n",
            "test_late.py": """
                import signal, subprocess

                import pytest

                class Late(Exception):
                    pass

                def ring(number, frame):
                    raise Late

                @pytest.mark.parametrize("number", range(20))
                def test_late(number):
                    signal.signal(signal.SIGALRM, ring)
                    with pytest.raises(Late):
                        signal.setitimer(signal.ITIMER_REAL, 0.0005 + number / 20_000)
                        for _ in range(200):
                            open("data.txt").close()
                            subprocess.run(["true"], check=True)
                """,
        },
    )
    known, report = learn(tree)
    assert not report.failures
    assert len(known.tests) == 20


def test_what_a_test_does_is_no_matter_of_a_fixture_that_others_use(tmp_path: Path) -> None:
    program = """
        import subprocess

        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def made():
            subprocess.run(["cat", "one.txt"], check=True)

        def test_asks_git():
            subprocess.run(["cat", ".git/HEAD"], check=True)

        def test_reads():
            subprocess.run(["cat", "two.txt"], check=True)

        def test_none():
            pass
        """
    files = {".git/HEAD": "ref: refs/heads/main\n", "one.txt": "1\n", "two.txt": "2\n", "test_made.py": program}
    tree = written(tmp_path / "tree", files)
    known, _ = learn(tree)
    assert affected(known, edit(tree, "two.txt", "2", "3")) == {"test_asks_git", "test_reads"}
    assert affected(known, edit(tree, "one.txt", "1", "3")) == {"test_asks_git", "test_reads", "test_none"}


def test_a_process_that_has_come_to_its_end_concerns_nobody_later(tmp_path: Path) -> None:
    program = """
        import os, subprocess, time
        from multiprocessing.shared_memory import SharedMemory

        def test_goes_on():
            subprocess.run(["sh", "-c", "sleep 0.3 &"], check=True)

        def test_meanwhile():
            subprocess.run(["true"], check=True)

        def test_waits():
            time.sleep(0.6)

        def test_after():
            subprocess.run(["true"], check=True)

        def test_shares():
            subprocess.run(["true"], check=True)
            memory = SharedMemory(create=True, size=1)
            memory.close()
            memory.unlink()

        def test_serves():
            subprocess.Popen(["sleep", "3"], preexec_fn=os.setsid)

        def test_served():
            subprocess.run(["true"], check=True)
        """
    tree = written(tmp_path / "tree", {"README.md": "me\n", "test_ends.py": program})
    known, _ = learn(tree)
    expected = {"test_goes_on", "test_meanwhile", "test_serves", "test_served"}
    assert affected(known, edit(tree, "README.md", "me", "you")) == expected
