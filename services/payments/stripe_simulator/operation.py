"""What an endpoint of the simulator is, and Stripe's `expand` for its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.payments.stripe_simulator.account import Account
from services.payments.stripe_simulator.errors import ApiError, Json
from services.payments.stripe_simulator.params import Spec, array, text

EXPAND = array(text())

_EXPANDABLE = {
    "charge": "charge",
    "customer": "customer",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "setup_intent": "setup_intent",
}


@dataclass(frozen=True)
class Operation:
    """One path and method; `run` gets the account, the id in the path ("" without one) and the parameters."""

    method: str
    path: str
    run: Callable[[Account, str, Json], Json]
    spec: Spec = field(hash=False)


def expand(account: Account, answer: Json, paths: Sequence[str]) -> Json:
    """Answer a copy of `answer` in which the ids at `paths` (`payment_intent.latest_charge`) are objects.

    Raises ApiError for a path that leads to nothing that can be expanded.
    """
    for path in paths:
        answer = _expand(account, answer, path.split("."), path)
    return answer


def _expand(account: Account, node: Json, steps: Sequence[str], path: str) -> Json:
    step, rest = steps[0], steps[1:]
    if step == "data" and node.get("object") == "list" and rest:
        return node | {"data": [_expand(account, item, rest, path) for item in node["data"]]}
    kind = _EXPANDABLE.get(step)
    if kind is None or step not in node:
        raise ApiError(400, f"This property cannot be expanded ({path}).", executed=False)
    value = node[step]
    if isinstance(value, str):
        value = account.find(kind, value)
    if rest and value is not None:
        value = _expand(account, value, rest, path)
    return node | {step: value}
