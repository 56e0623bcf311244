"""The HTTP edge that every service shares: routes with policies, problems, idempotency, paging, waiting, OpenAPI."""
