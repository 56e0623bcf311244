-- What every service has in its own schema: the log of what it said, the outbox, the inbox, parked events, and
-- idempotency keys. Run with the service's schema first on the search path; {role} is the service's database role.

CREATE TABLE aggregates (
    aggregate_id uuid PRIMARY KEY,
    version      bigint NOT NULL CHECK (version > 0)
);
COMMENT ON TABLE aggregates IS 'The newest version of each aggregate; locked by whoever speaks of it, until the commit.';

CREATE TABLE events (
    id           uuid PRIMARY KEY,
    aggregate_id uuid NOT NULL,
    version      bigint NOT NULL CHECK (version > 0),
    type         text NOT NULL CHECK (type ~ '^[a-z]+\.[a-z_]+\.v[1-9][0-9]*$'),
    transient    boolean NOT NULL,
    body         jsonb,
    traceparent  text,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (aggregate_id, version),
    CHECK (body IS NOT NULL OR transient)
);
COMMENT ON TABLE events IS 'Append-only log of what this service has said. A published transient event keeps its row with an empty body.';
CREATE INDEX events_at ON events USING brin (at);

CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE REFERENCES events (id)
);
COMMENT ON TABLE outbox IS 'Events that the broker has not confirmed yet. A row leaves when it has.';

CREATE TABLE inbox (
    handler  text NOT NULL,
    event_id uuid NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (handler, event_id)
);
COMMENT ON TABLE inbox IS 'What has been handled, written with the effect. Pruned after 90 days.';
CREATE INDEX inbox_at ON inbox USING brin (at);

CREATE TABLE heard (
    source       text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      bigint NOT NULL,
    PRIMARY KEY (source, aggregate_id)
);
COMMENT ON TABLE heard IS 'The newest version of each foreign aggregate, by the service that said it, whose event has been handled.';

CREATE TABLE parked (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handler      text NOT NULL,
    event_id     uuid NOT NULL,
    source       text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      bigint NOT NULL,
    type         text NOT NULL,
    body         jsonb,
    at           timestamptz NOT NULL,
    traceparent  text,
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'dead')),
    reason       text NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    retry_at     timestamptz NOT NULL,
    parked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (handler, event_id)
);
COMMENT ON TABLE parked IS 'Events whose handler failed, and later ones of the same aggregate behind them. Dead: given up on until told to retry.';
CREATE INDEX parked_aggregate ON parked (aggregate_id, position);
CREATE INDEX parked_due ON parked (retry_at) WHERE state = 'waiting';

CREATE TABLE idempotency_keys (
    account_id uuid NOT NULL,
    key        text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request    bytea NOT NULL,
    status     smallint,
    answer     bytea,
    headers    jsonb,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account_id, key)
);
COMMENT ON TABLE idempotency_keys IS 'The first answer to a request, written with its effect, for whoever asks again. `request`: SHA-256 of method, path and body. Pruned after 7 days.';
CREATE INDEX idempotency_keys_at ON idempotency_keys USING brin (at);

-- The log is append-only for the service itself; only the body of a published transient event may be emptied.
REVOKE UPDATE, DELETE, TRUNCATE ON events FROM {role};
GRANT UPDATE (body) ON events TO {role};
