-- Pools found by the words of their title and of what they buy.

CREATE INDEX pools_words ON pools USING gin (
    to_tsvector('indonesian', title || ' ' || coalesce(technology ->> 'name_id', '') || ' ' || coalesce(technology ->> 'name_en', ''))
) WITH (fastupdate = off);
