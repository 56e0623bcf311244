-- The embedded bus: which queue hears which event types, and what waits in each queue.

CREATE TABLE bindings (
    queue text NOT NULL,
    type  text NOT NULL,
    PRIMARY KEY (queue, type)
);
COMMENT ON TABLE bindings IS 'Which queue hears which event type.';
CREATE INDEX bindings_type ON bindings (type);

CREATE TABLE messages (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue        text NOT NULL,
    event_id     uuid NOT NULL,
    type         text NOT NULL,
    source       text NOT NULL,
    aggregate_id uuid NOT NULL,
    version      bigint NOT NULL,
    at           timestamptz NOT NULL,
    body         bytea NOT NULL,
    traceparent  text
);
COMMENT ON TABLE messages IS 'Events that wait in a queue; a row leaves when its event has been handled.';
CREATE INDEX messages_queue ON messages (queue, position);
