"""The extensions only; everything else stands in pyproject.toml.

LOADGEN_SANITIZE=1 builds with AddressSanitizer and UBSan, LOADGEN_DEBUG=1 with checks and
without optimisation, LOADGEN_WERROR=1 makes warnings errors.
"""

import os
import sysconfig

from Cython.Build import cythonize
from setuptools import Extension, setup

WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wshadow",
    "-Wconversion",
    "-Wmissing-prototypes",
]
# Python's own headers do not stand up to these warnings.
PYTHON_HEADERS = ["-isystem", sysconfig.get_path("include")]
FLAGS = ["-std=c11", "-O2", "-fno-semantic-interposition"]
LINK: list[str] = []
DEBUG = os.environ.get("LOADGEN_DEBUG") == "1"
if DEBUG:
    FLAGS = ["-std=c11", "-O0", "-g"]
if os.environ.get("LOADGEN_SANITIZE") == "1":
    SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
    FLAGS += [*SANITIZE, "-g", "-fno-omit-frame-pointer"]
    LINK += SANITIZE
if os.environ.get("LOADGEN_WERROR") == "1":
    WARNINGS += ["-Werror"]

SOURCES = {
    "_engine": [
        "lg_address.c",
        "lg_arrivals.c",
        "lg_check.c",
        "lg_closed.c",
        "lg_conn.c",
        "lg_connect.c",
        "lg_engine.c",
        "lg_fields.c",
        "lg_heap.c",
        "lg_hist.c",
        "lg_http.c",
        "lg_location.c",
        "lg_memory.c",
        "lg_mix.c",
        "lg_open.c",
        "lg_openssl.c",
        "lg_record.c",
        "lg_redirect.c",
        "lg_rng.c",
        "lg_samples.c",
        "lg_schedule.c",
        "lg_tcp.c",
        "lg_tls.c",
        "lg_watch.c",
    ],
    "_http": ["lg_http.c"],
    "_merge": ["lg_hist.c"],
    "_openssl": ["lg_openssl.c"],
    "_plan": ["lg_arrivals.c", "lg_mix.c", "lg_rng.c", "lg_schedule.c"],
}


def extension(name: str, sources: list[str]) -> Extension:
    """One private module of loadgen, from its .pyx and the plain C it binds."""
    return Extension(
        f"loadgen.{name}",
        [f"_ext/{name}.pyx", *(f"_ext/{source}" for source in sources)],
        include_dirs=["_ext"],
        extra_compile_args=[*FLAGS, *WARNINGS, *PYTHON_HEADERS, "-D_GNU_SOURCE"],
        extra_link_args=LINK,
        libraries=["dl", "m"],
        depends=[
            f"_ext/{header}"
            for header in sorted(os.listdir("_ext"))
            if header.endswith((".h", ".pxd"))
        ],
    )


setup(
    ext_modules=cythonize(
        [extension(name, sources) for name, sources in SOURCES.items()],
        compiler_directives={
            "language_level": 3,
            "boundscheck": DEBUG,
            "wraparound": DEBUG,
            "embedsignature": False,
        },
    )
)
