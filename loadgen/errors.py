"""The errors of this program, by who has to act. No imports, so that all may import it.

Each message is one sentence for the person who reads it: what, where, what was observed,
what was expected, what to do next. The command line prints it without a traceback.
"""

__all__ = [
    "ConfigError",
    "EngineError",
    "LayoutError",
    "LoadgenError",
    "TargetError",
    "WorkerError",
]


class LoadgenError(Exception):
    """The base of every error that this program raises on purpose."""


class ConfigError(LoadgenError):
    """You: an option, a config file or a value of the API is wrong (exit code 2).

    Attributes:
        problems: every mistake that was found, one line each, at least one.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class TargetError(LoadgenError):
    """The peer: the target does not resolve, refuses or answers nothing usable (exit code 4)."""


class WorkerError(LoadgenError):
    """Our own process: a worker could not start or died (exit code 4)."""


class LayoutError(LoadgenError):
    """Shared memory does not carry the layout that this build expects."""


class EngineError(LoadgenError):
    """The C engine returned an error.

    Attributes:
        code: the LG_E_* value.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
