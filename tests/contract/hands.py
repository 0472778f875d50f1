"""A clock that is turned by hand, so that no test waits."""

from __future__ import annotations

from gatekeeper.edges.forge import Clock, Forge
from gatekeeper.edges.forge_exchange import Limits
from tests.contract.fake_forge import TOKEN, FakeForge

START = 1_800_000_000.0


class Hands:
    """The hands of the clock, and every wait that was asked for."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        """Wait no time at all, and have it be later."""
        self.waits.append(seconds)
        self.time += seconds

    @property
    def clock(self) -> Clock:
        """The clock that has these hands."""
        return Clock(lambda: self.time, lambda: START + self.time, self.wait)


def client(forge: FakeForge, hands: Hands, limits: Limits | None = None, token: str = TOKEN) -> Forge:
    """A client of the forge."""
    return Forge(forge.address + forge.prefix, token, hands.clock, limits or Limits())
