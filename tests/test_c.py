"""Compiles and runs the C tests under AddressSanitizer and UBSan, one case per file.

A test is tests/c/test_*.c. Its first line names what it is linked with, all from _ext/:
`/* sources: lg_heap.c lg_rng.c */`. It runs in its own empty folder; CHECK_GOLDEN is the
folder of the golden numbers.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
TESTS = sorted((ROOT / "tests" / "c").glob("test_*.c"))
FLAGS = [
    "-std=c11",
    "-D_GNU_SOURCE",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-g",
    "-O1",
    "-fno-omit-frame-pointer",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=undefined",
]
LIBRARIES = ["-lm", "-ldl", "-lpthread"]


def sources_of(test: Path) -> list[str]:
    """The sources that the first line of a C test names."""
    first = test.read_text().splitlines()[0]
    named = re.fullmatch(r"/\* sources:([\w. ]*) \*/", first)
    assert named, f"{test.name}:1: {first!r}; expected /* sources: lg_x.c lg_y.c */"
    return named[1].split()


def build(test: Path, folder: Path) -> Path:
    """Compiles a C test into a folder; the compiler's words are the failure's."""
    program = folder / test.stem
    sources = [str(ROOT / "_ext" / source) for source in sources_of(test)]
    places = [f"-I{ROOT / '_ext'}", f"-I{ROOT / 'tests' / 'c'}", f'-DCHECK_GOLDEN="{GOLDEN}"']
    compiler = os.environ.get("CC", "cc").split()
    command = [*compiler, *FLAGS, *places, str(test), *sources, "-o", str(program), *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{test.name} does not compile:\n{done.stderr}"
    return program


def run(program: Path) -> subprocess.CompletedProcess[str]:
    """Runs a C test where it can leave files without harm."""
    return subprocess.run(
        [program], cwd=program.parent, capture_output=True, text=True, check=False, timeout=100
    )


def write_test(folder: Path, body: str) -> Path:
    """A C test of its own, with the given statements as main."""
    test = folder / "test_made_here.c"
    test.write_text(
        "/* sources: lg_rng.c */\n"
        '#include "check.h"\n'
        "#include <stdlib.h>\n"
        f"int main(void) {{ {body} return check_result(); }}\n"
    )
    return test


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.stem)
def test_c(test: Path, tmp_path: Path) -> None:
    done = run(build(test, tmp_path))
    assert done.returncode == 0, f"{test.name} failed:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("CHECK(1 + 1 == 3);", "1 + 1 == 3 is false"),
        ("CHECK_EQ_U64(UINT64_MAX, 1);", "UINT64_MAX is 18446744073709551615, expected 1"),
        ("CHECK_EQ_I64(-1, 1);", "-1 is -1, expected 1"),
        ('CHECK_EQ_STR("a", "b");', '"a" is "a", expected "b"'),
        ("CHECK_NEAR(1.0, 1.5, 0.25);", "1.0 is 1, expected 1.5 within 0.25"),
        ("CHECK_NEAR(NAN, 1.0, 9.0);", "NAN is"),
        ('check_row("row 7"); CHECK(false);', "row 7: false is false"),
        ("", "nothing was checked"),
        ("char *volatile p = malloc(1); p[1] = 0; CHECK(p); free(p);", "heap-buffer-overflow"),
        ("volatile size_t n = 9; CHECK(malloc(n) != NULL);", "detected memory leaks"),
        ("volatile int i = INT32_MAX; CHECK(i > 0); i++;", "signed integer overflow"),
    ],
)
def test_a_broken_c_test_fails_and_says_why(body: str, said: str, tmp_path: Path) -> None:
    done = run(build(write_test(tmp_path, body), tmp_path))
    assert done.returncode != 0
    assert said in done.stderr


def test_a_c_test_that_holds_passes(tmp_path: Path) -> None:
    done = run(build(write_test(tmp_path, "CHECK_NEAR(INFINITY, INFINITY, 0.0);"), tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_c_test_must_name_its_sources(tmp_path: Path) -> None:
    test = tmp_path / "test_made_here.c"
    test.write_text("int main(void) { return 0; }\n")
    with pytest.raises(AssertionError, match="expected /\\* sources: "):
        sources_of(test)
