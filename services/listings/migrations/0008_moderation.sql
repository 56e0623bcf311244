-- Moderation: products that somebody has doubts about, what operators decide of them, and owners' appeals.

ALTER TABLE listings
    DROP CONSTRAINT listings_status_check,
    ADD CONSTRAINT listings_status_check CHECK (status IN ('draft', 'published', 'paused', 'hidden', 'archived')),
    ADD CONSTRAINT listings_hidden_was_shown CHECK (status <> 'hidden' OR published_at IS NOT NULL);

ALTER TABLE history
    DROP CONSTRAINT history_check2,
    ADD CONSTRAINT history_of_listing CHECK (
        what IN ('created', 'changed', 'published', 'paused', 'hidden', 'restored', 'archived', 'erased')
        OR listing_id IS NULL
    );

CREATE TABLE cases (
    id            uuid PRIMARY KEY,
    listing_id    uuid NOT NULL REFERENCES listings (id),
    post_id       uuid NOT NULL,
    state         text NOT NULL CHECK (state IN ('open', 'hidden', 'appealed', 'dismissed', 'restored', 'closed')),
    created_at    timestamptz NOT NULL,
    waiting_since timestamptz,
    ended_at      timestamptz,
    hidden_by     uuid,
    hidden_at     timestamptz,
    was           text CHECK (was IN ('published', 'paused')),
    reason        text CHECK (reason IN ('forbidden', 'not_as_shown', 'stolen_photo', 'personal_data', 'offensive', 'other')),
    words         text CHECK (length(words) BETWEEN 1 AND 1000),
    dismissed_by  uuid,
    note          text CHECK (length(note) BETWEEN 1 AND 1000),
    UNIQUE (id, hidden_by),
    CHECK ((waiting_since IS NOT NULL) = (state IN ('open', 'appealed'))),
    CHECK ((ended_at IS NOT NULL) = (state IN ('dismissed', 'restored', 'closed'))),
    CHECK (num_nonnulls(hidden_by, hidden_at, was, reason) IN (0, 4)),
    CHECK (hidden_by IS NOT NULL OR (state NOT IN ('hidden', 'appealed', 'restored') AND words IS NULL)),
    CHECK (hidden_by IS NULL OR state NOT IN ('open', 'dismissed')),
    CHECK ((dismissed_by IS NOT NULL) = (state = 'dismissed')),
    CHECK (dismissed_by IS NOT NULL OR note IS NULL)
);
COMMENT ON TABLE cases IS 'A matter about a product: from the first report or suspicion to what operators decide. `waiting_since`: since when it waits for an operator; `was`: what the product was when it was hidden; `words`: what its owner was told; `note`: why it was let be.';
CREATE UNIQUE INDEX cases_open ON cases (listing_id) WHERE state IN ('open', 'hidden', 'appealed');
CREATE INDEX cases_of_listing ON cases (listing_id, id);
CREATE INDEX cases_waiting ON cases (waiting_since, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX cases_waiting_at_post ON cases (post_id, waiting_since, id) WHERE waiting_since IS NOT NULL;

CREATE TABLE reports (
    id         uuid PRIMARY KEY,
    case_id    uuid NOT NULL REFERENCES cases (id),
    account_id uuid,
    form       bytea UNIQUE CHECK (length(form) = 32),
    reason     text NOT NULL CHECK (reason IN ('forbidden', 'not_as_shown', 'stolen_photo', 'personal_data', 'offensive', 'other')),
    words      text CHECK (length(words) BETWEEN 1 AND 500),
    at         timestamptz NOT NULL,
    UNIQUE (case_id, account_id),
    CHECK (num_nonnulls(account_id, form) <= 1)
);
COMMENT ON TABLE reports IS 'What somebody says is wrong with a product. `account_id`: who, if they were logged in; told to nobody, and forgotten with the account. `form`: of a visitor without an account, the SHA-256 of product and form, so that a double tap is one report.';
CREATE INDEX reports_of_case ON reports (case_id, id);
CREATE INDEX reports_of_account ON reports (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE suspicions (
    listing_id       uuid NOT NULL REFERENCES listings (id),
    key              text NOT NULL,
    case_id          uuid NOT NULL REFERENCES cases (id),
    kind             text NOT NULL CHECK (kind IN ('forbidden_goods', 'duplicate_photo')),
    at               timestamptz NOT NULL,
    word             text CHECK (length(word) BETWEEN 1 AND 80),
    goods            text CHECK (length(goods) BETWEEN 1 AND 40),
    photo_id         uuid,
    other_photo_id   uuid,
    other_listing_id uuid REFERENCES listings (id),
    PRIMARY KEY (listing_id, key),
    CHECK (num_nonnulls(word, goods) = CASE kind WHEN 'forbidden_goods' THEN 2 ELSE 0 END),
    CHECK (num_nonnulls(photo_id, other_photo_id, other_listing_id) = CASE kind WHEN 'duplicate_photo' THEN 3 ELSE 0 END)
);
COMMENT ON TABLE suspicions IS 'What the rules found by themselves. `key`: the very texts, or the very two photos: whatever an operator has looked at once is not brought up again. `goods`: which group of domain/forbidden.py. The photos may have been deleted since.';
CREATE INDEX suspicions_of_case ON suspicions (case_id, at);

CREATE TABLE appeals (
    case_id     uuid NOT NULL,
    number      smallint NOT NULL CHECK (number BETWEEN 1 AND 2),
    hidden_by   uuid NOT NULL,
    account_id  uuid,
    assisted_by uuid,
    words       text CHECK (length(words) BETWEEN 10 AND 1000),
    at          timestamptz NOT NULL,
    decided_by  uuid,
    decided_at  timestamptz,
    is_granted  boolean,
    answer      text CHECK (length(answer) BETWEEN 1 AND 1000),
    seen        text,
    PRIMARY KEY (case_id, number),
    FOREIGN KEY (case_id, hidden_by) REFERENCES cases (id, hidden_by),
    CHECK (num_nonnulls(decided_by, decided_at, is_granted, seen) IN (0, 4)),
    CHECK (answer IS NULL OR decided_by IS NOT NULL),
    CONSTRAINT appeals_two_people CHECK (
        decided_by <> hidden_by AND (account_id IS NULL OR decided_by <> account_id)
        AND (assisted_by IS NULL OR decided_by <> assisted_by)
    )
);
COMMENT ON TABLE appeals IS 'What whoever runs a hidden product says against it; decided by another operator than who hid it. `seen`: what the product was like at the decision, so that a second appeal needs a changed product.';
CREATE UNIQUE INDEX appeals_undecided ON appeals (case_id) WHERE decided_by IS NULL;
CREATE INDEX appeals_of_account ON appeals (account_id) WHERE account_id IS NOT NULL;

REVOKE DELETE, TRUNCATE ON cases, reports, suspicions, appeals FROM {role};

-- Two hashes of 64 bits that differ in at most three agree in at least one of four quarters (pigeonhole), so photos that look
-- alike are found by an index of quarters. Pictures of hardly any structure look like each other and are left out.
CREATE FUNCTION dhash_bands(dhash bigint) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY[
        (dhash & 65535)::integer,
        (65536 + ((dhash >> 16) & 65535))::integer,
        (131072 + ((dhash >> 32) & 65535))::integer,
        (196608 + ((dhash >> 48) & 65535))::integer
    ]
$$;
CREATE INDEX photos_alike ON photos USING gin (dhash_bands(dhash)) WITH (fastupdate = off)
    WHERE bit_count(dhash::bit(64)) BETWEEN 6 AND 58;
