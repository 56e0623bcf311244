"""The largest-remainder method (Hamilton's): whole numbers in proportion, whose sum is exact."""

from __future__ import annotations

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` over `weights`; every part is its exact share rounded down or up, and the parts sum to `total`.

    Equal remainders are served from the front: the caller orders the weights by pledge number. Nobody without weight
    gets anything, and where `total` is at most the sum of the weights no part exceeds its weight.
    """
    whole = sum(weights)
    assert total >= 0, "a share of less than nothing"
    assert whole > 0 or total == 0, "nobody to divide it over"
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: -(total * weights[index] % whole))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
