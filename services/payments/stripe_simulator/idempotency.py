"""`Idempotency-Key` as Stripe documents it: https://docs.stripe.com/api/idempotent_requests.

The first request with a key that begins to execute decides its answer, a 500 included; repeats get that
answer again. Other parameters or another endpoint are refused, and so is a repeat while the first is
still at work. After 24 hours a key is forgotten and would execute anew.
"""

import json

from services.payments.stripe_simulator.account import Account
from services.payments.stripe_simulator.errors import ApiError, Json
from services.payments.stripe_simulator.store import Store

LONGEST_KEY = 255
KEPT_S = 24 * 60 * 60
KIND = "idempotency_result"


class IdempotencyKeys:
    """The keys of all accounts: those at work now, and the saved answers in the store."""

    def __init__(self) -> None:
        self._at_work: set[tuple[str, str]] = set()

    def begin(self, account: Account, key: str, path: str, params: Json) -> Json | None:
        """Answer the saved result of `key`, or None and mark the key as being at work.

        Raises ApiError: 400 for another use of the key, 409 while the first request is still at work.
        """
        if len(key) > LONGEST_KEY:
            raise ApiError(
                400,
                f"Idempotency keys may be at most {LONGEST_KEY} characters long.",
                type="idempotency_error",
                executed=False,
            )
        if (account.id, key) in self._at_work:
            raise ApiError(
                409,
                "There is currently another in-progress request using this Idempotent Key (that probably means "
                "you submitted twice, and the other request is still going through): " + key,
                type="idempotency_error",
                code="idempotency_key_in_use",
                executed=False,
            )
        saved = account.find(KIND, key)
        if saved is not None and saved["created"] > account.now - KEPT_S:
            _check_same_use(saved, key, path, params)
            return saved
        if saved is not None:
            account.store.drop(account.id, KIND, key)
        self._at_work.add((account.id, key))
        return None

    def finish(self, account: Account, key: str, path: str, params: Json, answer: tuple[int, str] | None) -> None:
        """Save the status and body for `key`; None (nothing was executed) leaves the key free."""
        self._at_work.discard((account.id, key))
        if answer is None:
            return
        status, body = answer
        account.put(
            {
                "object": KIND,
                "id": key,
                "created": account.now,
                "path": path,
                "params": _canonical(params),
                "status": status,
                "body": body,
                "request_id": account.request_id,
            }
        )


def forget_old_keys(store: Store, account: str, now: int) -> None:
    """Drop the answers that are older than Stripe keeps them; they are in order of age."""
    while (oldest := store.oldest(account, KIND)) is not None and oldest["created"] <= now - KEPT_S:
        store.drop(account, KIND, oldest["id"])


def _check_same_use(saved: Json, key: str, path: str, params: Json) -> None:
    if saved["path"] != path:
        message = (
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{path}' vs '{saved['path']}'). Try using a key other than '{key}' if you meant to execute a "
            "different request."
        )
    elif saved["params"] != _canonical(params):
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
    else:
        return
    raise ApiError(400, message, type="idempotency_error", executed=False)


def _canonical(params: Json) -> str:
    return json.dumps(params, sort_keys=True, separators=(",", ":"))
