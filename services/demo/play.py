"""The `demo` command: plays the main job against a running instance; exit status 1 at the first wrong step."""

from __future__ import annotations

import asyncio
import secrets
import sys

from services.demo import journey, story
from services.demo.narrator import Narrator
from services.demo.people import StepFailed
from shared.errors import Refusal
from shared.http.client import ApiClient


async def play(url: str, seed: int | None) -> int:
    """Play the main job; gives the exit status."""
    api = ApiClient(url, timeout_s=30)
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    try:
        await journey.play(api, seed=chosen, officer_phone=story.OFFICER[1], narrator=Narrator())
    except (StepFailed, Refusal) as error:
        sys.stderr.write(f"\nThe story broke off: {error}\nTell it again with --seed {chosen}.\n")
        return 1
    finally:
        await api.close()
    return 0


def run(url: str, seed: int | None) -> int:
    """Play the main job in an event loop of its own."""
    return asyncio.run(play(url, seed))
