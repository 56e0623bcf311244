-- Run after a backup was restored, before the services start again (psql, as the superuser or the owner).
--
-- A backup holds what was said and what was handled, but not what was on its way: events that the broker had taken and
-- somebody had not handled yet. So all that was said in the last 30 days is put into the outboxes again, in its order. Every
-- handler knows by its inbox what it has handled, so nothing takes effect twice. An inbox goes back 90 days: a backup older
-- than 60 days must not be restored this way.
\set ON_ERROR_STOP on

BEGIN;
DO $$
DECLARE
    service text;
    waiting uuid[];
    said    bigint;
BEGIN
    FOR service IN SELECT schemaname FROM pg_tables WHERE tablename = 'outbox' ORDER BY schemaname LOOP
        -- What waits already goes behind what was said before it, so the outbox is laid anew.
        EXECUTE format('WITH taken AS (DELETE FROM %I.outbox RETURNING event_id) SELECT array_agg(event_id) FROM taken', service)
            INTO waiting;
        -- A published transient event has no body any more: it was personal, and is not kept.
        EXECUTE format(
            'INSERT INTO %1$I.outbox (event_id)
             SELECT id FROM %1$I.events
             WHERE id = ANY ($1)
                OR body IS NOT NULL AND at > (SELECT max(at) FROM %1$I.events) - interval ''30 days''
             ORDER BY at, aggregate_id, version', service) USING waiting;
        GET DIAGNOSTICS said = ROW_COUNT;
        RAISE NOTICE '%: % events are said again', service, said;
    END LOOP;
END
$$;
COMMIT;
