"""`tools.loopDetection`: when an agent that repeats itself is stopped. Source: tools-and-sessions §4."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from clawfleet.config.models.base import Flag, Section, Whole


class LoopDetectors(Section):
    """Which kinds of loop are looked for."""

    generic_repeat: Flag = Field(True, description="The same call again and again.")
    known_poll_no_progress: Flag = Field(True, description="Asking a process that says nothing new.")
    ping_pong: Flag = Field(True, description="Two calls by turns.")


class LoopDetection(Section):
    """Notices an agent that repeats itself: warns it, then blocks the call, then ends the run. Counts are per run."""

    enabled: Flag = Field(False, description="Look for loops.")
    history_size: Annotated[Whole, Field(ge=1)] = Field(30, description="How many calls are remembered.")
    warning_threshold: Annotated[Whole, Field(ge=1)] = Field(10, description="Repetitions after which it is warned.")
    critical_threshold: Annotated[Whole, Field(ge=1)] = Field(
        20, description="Repetitions after which the call is not run."
    )
    global_circuit_breaker_threshold: Annotated[Whole, Field(ge=1)] = Field(
        30, description="Repetitions without any progress after which no detector may be off."
    )
    detectors: LoopDetectors = Field(LoopDetectors(), description="Which kinds are looked for.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.warning_threshold < self.critical_threshold < self.global_circuit_breaker_threshold:
            raise ValueError(
                "thresholds must grow: warningThreshold < criticalThreshold < globalCircuitBreakerThreshold "
                f"(now {self.warning_threshold}, {self.critical_threshold}, {self.global_circuit_breaker_threshold})"
            )
        return self
