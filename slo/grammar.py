r"""Reads an objective as people write it: text in, `Objective` out, errors with a caret. Pure.

    objective  = metric [ "of" name ] comparison limit [ window ] { "," option }
    metric     = [ phase ] statistic | "error_rate" | "throughput" | "status" status
    phase      = "latency" | "service" | "ttfb" | "connect" | "tls" | "schedule_lag"
    statistic  = "p" number | "mean" | "max"            ; p99, p99.9
    status     = digit "xx" | digit digit digit         ; 5xx, 503
    name       = word | '"' { character } '"'           ; \" and \\ inside quotes
    comparison = "<" | "<=" | ">" | ">="                ; > for throughput and status only
    limit      = number unit
    unit       = "us" | "ms" | "s" | "%" | [ "/s" ]     ; a throughput may go without
    window     = ( "within" | "for" ) duration
    option     = "abort" | "after" duration | "min_samples" number
               | "decide" ( "point" | "confident" )
    duration   = number [ "s" ] | number "m" [ number "s" ] | number "h" ...

Without a phase a statistic is of the response time, without a name an objective is of all
endpoints, without a window of the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import NoReturn

from slo.metric import (
    ErrorRate,
    Maximum,
    Mean,
    Metric,
    Percentile,
    Phase,
    StatusRate,
    Throughput,
    Unit,
)
from slo.objective import (
    MAX_WINDOW_S,
    Comparison,
    Decide,
    Objective,
    Window,
    WindowKind,
    comparison_problem,
    limit_problem,
)

__all__ = ["GrammarError", "closest", "parse", "scope_problems"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*") | (?P<sign><=|>=|<|>) | (?P<comma>,)
          | (?P<word>[^\s"\\<>=,]+) | (?P<wrong>\S))""",
    re.VERBOSE,
)
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_LIMIT = re.compile(rf"({_NUMBER})(.*)")
_PERCENTILE = re.compile(r"p([0-9]+(?:\.[0-9]+)?)")
_STATUS = re.compile(r"([1-5])(xx|[0-9]{2})")
_DURATION = re.compile(
    rf"(?:(?P<h>{_NUMBER})h)?(?:(?P<m>{_NUMBER})m)?(?:(?P<s>{_NUMBER})s?)?", re.ASCII
)
_UNITS: dict[str, tuple[Unit, float]] = {
    "us": (Unit.MS, 1e3),
    "ms": (Unit.MS, 1.0),
    "s": (Unit.MS, 1e-3),
    "%": (Unit.PERCENT, 1.0),
    "/s": (Unit.PER_S, 1.0),
}
"""What a unit measures, and how many of it are one of the metric's own."""
_EXAMPLE_LIMIT = {
    Unit.MS: "a time such as 250ms, 80us or 2s",
    Unit.PERCENT: "a share such as 0.5%",
    Unit.PER_S: "a rate such as 1000 or 1000/s",
}
_STATISTICS = ("p50", "p95", "p99", "mean", "max")
_RATES: dict[str, Metric] = {"error_rate": ErrorRate(), "throughput": Throughput()}
_FIRST_WORDS = (*_STATISTICS, *Phase, *_RATES, "status")
_OPTIONS = ("abort", "after", "min_samples", "decide")
_OTHER_TOOLS = {
    "avg": "mean",
    "average": "mean",
    "median": "p50",
    "med": "p50",
    "response_time": "latency p95",
    "http_req_duration": "latency p95",
    "http_req_failed": "error_rate",
    "errors": "error_rate",
    "fail": "error_rate",
    "rps": "throughput",
    "hits": "throughput",
    "lag": "schedule_lag",
    "rate": "error_rate or throughput",
}
"""Words of other tools, which are not close to ours in spelling."""


class GrammarError(ValueError):
    """Text that is no objective; its own text is one line: where, what was found, what is expected.

    Attributes:
        source: the whole text.
        column: where it goes wrong, 1-based.
    """

    def __init__(self, source: str, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.source = source
        self.column = column

    @property
    def caret(self) -> str:
        """Two lines: the text, and a caret below the place."""
        return f"{self.source}\n{' ' * (self.column - 1)}^"


def parse(text: str, *, decide: Decide = Decide.POINT) -> Objective:
    """Reads an objective such as `p99 of /api/orders < 250ms within 30s, abort`.

    Args:
        text: by the grammar above.
        decide: for objectives that do not say it themselves.

    Raises:
        GrammarError: with the column, what was expected and the closest known word.
    """
    return _Parser(text).objective(decide)


def scope_problems(objectives: Iterable[Objective], endpoints: Iterable[str]) -> tuple[str, ...]:
    """One line per objective that is about an endpoint which the plan does not have.

    Args:
        objectives: to be checked before the run.
        endpoints: names of all endpoints.
    """
    known = tuple(endpoints)
    return tuple(
        f"objective {each.condition!r}: no endpoint is called {each.scope!r}; "
        f"expected one of {', '.join(known)}{closest(each.scope, known)}"
        for each in objectives
        if each.scope is not None and each.scope not in known
    )


def closest(word: str, known: Iterable[str]) -> str:
    """The end of an error message that offers the closest known word; "" when none is close."""
    by_folded = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean {by_folded[found[0]]}?" if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    column: int


class _Parser:
    """Recursive descent with one token of foresight; a method per line of the grammar."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = [
            _Token(
                kind=str(found.lastgroup),
                text=found[str(found.lastgroup)],
                column=found.start(str(found.lastgroup)) + 1,
            )
            for found in _TOKEN.finditer(source)
        ]
        self._end = _Token(kind="end", text="", column=len(source.rstrip()) + 1)
        self._at = 0

    def objective(self, decide: Decide) -> Objective:
        metric = self._metric()
        scope = self._name() if self._took("of") else None
        comparison = self._comparison(metric)
        limit = self._limit(metric, comparison)
        objective = Objective(
            metric=metric,
            comparison=comparison,
            limit=limit,
            scope=scope,
            window=self._window(),
            decide=decide,
        )
        while self._took(","):
            objective = self._option(objective)
        if self._next.kind != "end":
            self._fail(
                self._next,
                "expected a window (within 30s, for 1m), an option after a comma, or the end",
                () if objective.window else tuple(WindowKind),
            )
        return objective

    def _metric(self) -> Metric:
        token = self._take()
        if token.text in _RATES:
            return _RATES[token.text]
        if token.text == "status":
            return self._status()
        if token.text in tuple(Phase):
            phase, token = Phase(token.text), self._take()
            return self._statistic(token, phase, "p90, mean or max", _STATISTICS)
        return self._statistic(
            token, Phase.LATENCY, "what is measured, such as p99, ttfb p90 or error_rate"
        )

    def _statistic(
        self, token: _Token, phase: Phase, expected: str, known: tuple[str, ...] = _FIRST_WORDS
    ) -> Metric:
        if token.text == "mean":
            return Mean(phase=phase)
        if token.text == "max":
            return Maximum(phase=phase)
        if not (found := _PERCENTILE.fullmatch(token.text)):
            self._fail(token, f"expected {expected}", known)
        if not 0 < float(found[1]) < 100:
            self._fail(token, "expected more than p0 and less than p100 (max is the largest)")
        return Percentile(percent=float(found[1]), phase=phase)

    def _status(self) -> StatusRate:
        token = self._take()
        if not (found := _STATUS.fullmatch(token.text)):
            self._fail(token, "expected a status such as 503 or a class such as 5xx")
        if found[2] == "xx":
            first = 100 * int(found[1])
            return StatusRate(first=first, last=first + 99)
        return StatusRate(first=int(token.text), last=int(token.text))

    def _name(self) -> str:
        token = self._take()
        if token.kind == "word":
            return token.text
        if token.kind != "quoted" or token.text == '""':
            self._fail(token, "expected the name of an endpoint, in quotes if it has spaces")
        return re.sub(r"\\(.)", r"\1", token.text[1:-1])

    def _comparison(self, metric: Metric) -> Comparison:
        token = self._take()
        if token.kind != "sign":
            # "p95 ltency": more than one word too many is not worth guessing at.
            self._fail(token, "expected <, <=, > or >=, or `of` and an endpoint", ("of",))
        comparison = Comparison(token.text)
        if problem := comparison_problem(metric, comparison):
            self._fail(token, problem)
        return comparison

    def _limit(self, metric: Metric, comparison: Comparison) -> float:
        token = self._take()
        expected = f"expected {_EXAMPLE_LIMIT[metric.unit]}"
        if not (found := _LIMIT.fullmatch(token.text)):
            self._fail(token, expected)
        spelt, at = found[2], token
        if not spelt and self._next.text in _UNITS:
            at = self._take()
            spelt = at.text
        if not spelt and metric.unit is Unit.PER_S:
            spelt = "/s"
        measures, per_own = _UNITS.get(spelt, (None, 1.0))
        if measures is not metric.unit:
            known = [name for name, (unit, _) in _UNITS.items() if unit is metric.unit]
            self._fail(at, expected, known, spelt)
        limit = float(found[1]) / per_own
        if problem := limit_problem(metric, comparison, limit):
            self._fail(token, problem)
        return limit

    def _window(self) -> Window | None:
        for kind in WindowKind:
            if self._took(kind):
                token = self._next
                seconds = self._duration_s()
                if not (1 <= seconds <= MAX_WINDOW_S and seconds.is_integer()):
                    self._fail(token, f"expected a window of 1s to {MAX_WINDOW_S}s, whole seconds")
                return Window(kind=kind, seconds=int(seconds))
        return None

    def _option(self, objective: Objective) -> Objective:
        token = self._take()
        match token.text:
            case "abort":
                return replace(objective, abort=True)
            case "after":
                return replace(objective, after_s=self._duration_s())
            case "min_samples":
                count = self._take()
                if not (count.text.isascii() and count.text.isdigit()):
                    self._fail(count, "expected a whole number such as 100")
                return replace(objective, min_samples=int(count.text))
            case "decide":
                how = self._take()
                if how.text not in tuple(Decide):
                    self._fail(how, "expected point or confident", tuple(Decide))
                return replace(objective, decide=Decide(how.text))
            case _:
                self._fail(token, "expected abort, after, min_samples or decide", _OPTIONS)

    def _duration_s(self) -> float:
        token = self._take()
        found = _DURATION.fullmatch(token.text)
        if not found or token.kind != "word":
            self._fail(token, "expected a duration such as 30s, 1m or 1m30s")
        h, m, s = (float(found[part] or 0) for part in ("h", "m", "s"))
        seconds = 3600 * h + 60 * m + s
        if seconds > 1e9:
            self._fail(token, "expected a duration that a run can last")
        return seconds

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else self._end

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _took(self, text: str) -> bool:
        """Takes the next token if it is this word or sign."""
        if self._next.text != text:
            return False
        self._at += 1
        return True

    def _fail(
        self, token: _Token, expected: str, known: Iterable[str] = (), word: str = ""
    ) -> NoReturn:
        words = tuple(known)
        word = word or token.text
        if token.kind == "end":
            found, hint = "the text ends here", ""
        elif token.text == '"':
            found, hint = "a quote is opened and not closed", ""
        else:
            found, hint = f"found {token.text!r}", closest(word, words)
        if not hint and words and word in _OTHER_TOOLS:
            hint = f"; did you mean {_OTHER_TOOLS[word]}?"
        raise GrammarError(self._source, token.column, f"{found}, {expected}{hint}")
