"""Moves traffic by commands of the user's: one that sets the weight, one that prints it."""

from __future__ import annotations

from dataclasses import dataclass

from loadgen.command import fill, placeholders, run_command
from loadgen.errors import ConfigError
from rollout.routers.router import Change, RouterError, Served

__all__ = ["CommandRouter"]

NAMES = ("deployment", "namespace")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRouter:
    """A router that only its user knows. It counts nothing.

    Attributes:
        set_command: program and arguments, {percentage}, {deployment} and {namespace} filled in.
        get_command: likewise; prints the weight in percent as its last line.
        deployment, namespace: what the placeholders stand for.
        timeout_s: for each run of a command.

    Raises:
        ConfigError: a command cannot be filled in, or does not say the weight.
    """

    set_command: tuple[str, ...]
    get_command: tuple[str, ...]
    deployment: str = ""
    namespace: str = ""
    timeout_s: float = 10.0

    def __post_init__(self) -> None:
        problems = [
            f"router.{name}: {problem}"
            for name, command, known in (
                ("command", self.set_command, ("percentage", *NAMES)),
                ("get_command", self.get_command, NAMES),
            )
            for problem in self._problems(command, known)
        ]
        if "percentage" not in placeholders(self.set_command):
            problems.append("router.command: found no {percentage}, expected it in an argument")
        if problems:
            raise ConfigError(*problems)

    @property
    def text(self) -> str:
        """The program that sets the weight."""
        return f"the router behind {self.set_command[0]}"

    def nearest(self, weight_percent: float) -> float:
        """The weight itself: what the command makes of it is not known here."""
        return weight_percent

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        """The command, and the same with the weight of now."""
        return (
            Change(
                action=f"run {' '.join(self._filled(self.set_command, weight_percent))}",
                inverse=f"run {' '.join(self._filled(self.set_command, self.get()))}",
            ),
        )

    def get(self) -> float:
        """The number in the last line that get_command prints.

        Raises:
            RouterError: it fails, or that line is no percentage.
        """
        output = self._run(self.get_command, 0)
        last = output[-1].strip() if output else ""
        try:
            weight_percent = float(last.removesuffix("%"))
        except ValueError:
            weight_percent = -1.0
        if not 0 <= weight_percent <= 100:
            raise RouterError(
                f"{self.text}: the last line of {self.get_command[0]} is {last!r}, expected the "
                "canary's weight in percent, such as 5; let router.get_command print it",
                lasting=True,
            )
        return weight_percent

    def set(self, weight_percent: float) -> None:
        """Runs the command, and reads the weight back.

        Raises:
            RouterError: a command fails, or another weight is read back.
        """
        self._run(self.set_command, weight_percent)
        found_percent = self.get()
        if round(found_percent, 2) != round(weight_percent, 2):
            raise RouterError(
                f"{self.text}: {self.get_command[0]} reads {found_percent:g} % after "
                f"{weight_percent:g} % was set; find out what {self.set_command[0]} did"
            )

    def verify(self) -> Served | None:
        """None: commands count no requests."""
        return None

    def changed_by(self) -> str:
        """Unknown."""
        return ""

    def _problems(self, command: tuple[str, ...], known: tuple[str, ...]) -> list[str]:
        if not command or not command[0].strip():
            return ["found no program, expected a list: the program and its arguments"]
        used = placeholders(command)
        return [
            f"found the placeholder {{{name}}}, expected one of "
            f"{', '.join(f'{{{each}}}' for each in known)}"
            for name in used
            if name not in known
        ] + [
            f"found {{{name}}} and nothing that it stands for, expected --{name}"
            for name in NAMES
            if name in used and not getattr(self, name)
        ]

    def _filled(self, command: tuple[str, ...], weight_percent: float) -> tuple[str, ...]:
        values = {"deployment": self.deployment, "namespace": self.namespace}
        return fill(command, {**values, "percentage": f"{weight_percent:g}"})

    def _run(self, command: tuple[str, ...], weight_percent: float) -> tuple[str, ...]:
        end = run_command(self._filled(command, weight_percent), timeout_s=self.timeout_s)
        if end.problem:
            said = f": {end.output[-1]}" if end.output else ""
            raise RouterError(
                f"{self.text}: {command[0]} was run, and {end.problem}{said}; "
                "run it by hand to see why"
            )
        return end.output
