"""The first lines of a run: where the load goes, and which file was read. Pure."""

from __future__ import annotations

from loadgen import units
from loadgen.config.settings import Settings
from loadgen.itinerary import Itinerary
from loadgen.plan import Pattern, Plan, StageUnit
from loadgen.slow_engine.choice import slow_path_sentence

__all__ = ["preface"]


def preface(settings: Settings, itinerary: Itinerary) -> list[str]:
    """What a run is going to do, one line each, before anything is sent."""
    plan = settings.plan
    lines = [
        *(f"Load goes to {stop}" for stop in itinerary.stops),
        f"Configuration: {settings.config_name or 'no file'}, environment {plan.environment}",
        f"Target: {plan.target}{_endpoints(plan)}",
        f"Load: {plan.pattern}, {_level(plan)}, for {_time(plan)}",
        f"Workers: {plan.workers or 'as many as this machine allows'}, "
        f"precision {plan.precision}, seed {plan.seed}",
    ]
    if not plan.tls.verify:
        lines.append("INSECURE: certificates are not verified (--insecure); anybody may answer")
    if slow := slow_path_sentence(plan):
        lines.append(slow)
    if count := len(settings.gate.options.objectives):
        lines.append(f"Judged by: {count} objective{'s' if count > 1 else ''}")
    return lines


def _endpoints(plan: Plan) -> str:
    count = len(plan.endpoints)
    return f", {count} endpoint{'s' if count > 1 else ''}" if count else f", {plan.method}"


def _level(plan: Plan) -> str:
    users = f"{plan.concurrency} user{'s' if plan.concurrency > 1 else ''}"
    match plan.pattern:
        case Pattern.SUSTAINED:
            return f"{users}, thinking {units.format_span(plan.think_s)}"
        case Pattern.BURST:
            pause = units.format_span(plan.pause_s)
            return f"{users}, {plan.burst_size} requests each, then {pause} of pause"
        case Pattern.RAMP_UP:
            return f"1 to {users} within {units.format_duration(plan.ramp_s)}"
        case Pattern.RATE:
            rate = units.format_number(plan.rate_rps)
            return f"{rate} requests/s, {plan.arrivals}, on {plan.pool} connections"
        case Pattern.STAGES:
            unit = "users" if plan.stage_unit is StageUnit.USERS else "requests/s"
            peak = units.format_number(plan.schedule.peak)
            return f"up to {peak} {unit} in {len(plan.stages)} points"


def _time(plan: Plan) -> str:
    measured = units.format_duration(plan.duration_s)
    if not plan.warmup_s:
        return measured
    return f"{measured} after {units.format_duration(plan.warmup_s)} of warm-up"
