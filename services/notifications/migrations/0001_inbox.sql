-- What people are told, and what must be known of others to tell them.

CREATE TABLE people (
    account_id     uuid PRIMARY KEY,
    name           text,
    phone          text,
    email          text,
    language       text NOT NULL DEFAULT 'id' CHECK (language IN ('id', 'en')),
    wants_email    boolean NOT NULL DEFAULT true,
    wants_whatsapp boolean NOT NULL DEFAULT true,
    version        bigint NOT NULL DEFAULT 0 CHECK (version >= 0),
    erased_at      timestamptz,
    CONSTRAINT erased_is_forgotten CHECK (erased_at IS NULL OR (name IS NULL AND phone IS NULL AND email IS NULL))
);
COMMENT ON TABLE people IS 'Contacts and wishes of each account. `version`: identity''s, of the profile heard last; 0 where none has been heard. An erased account keeps its id alone, so that nothing is written to it again.';

CREATE TABLE subjects (
    id               uuid PRIMARY KEY,
    kind             text NOT NULL CHECK (kind IN ('pool', 'business', 'supplier', 'post')),
    name             text NOT NULL,
    owner_account_id uuid,
    version          bigint NOT NULL
);
COMMENT ON TABLE subjects IS 'What the things are called that messages are about. A business or supplier whose owner is erased is no longer named.';
CREATE INDEX subjects_of_owner ON subjects (owner_account_id) WHERE owner_account_id IS NOT NULL;

CREATE TABLE officers (
    post_id    uuid NOT NULL,
    account_id uuid NOT NULL,
    role       text NOT NULL CHECK (role IN ('operator', 'chair', 'treasurer')),
    holds      boolean NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (post_id, account_id, role)
);
COMMENT ON TABLE officers IS 'Who serves at a post, or no longer does; by identity''s newest word on the account.';

CREATE TABLE pools (
    id                   uuid PRIMARY KEY,
    post_id              uuid NOT NULL,
    initiator_account_id uuid NOT NULL,
    treasurer_account_id uuid,
    supplier_account_id  uuid,
    timing               text CHECK (timing IN ('deposit', 'after_acceptance'))
);
COMMENT ON TABLE pools IS 'The people around a pool. What only the opening tells is empty until then.';

CREATE TABLE members (
    pledge_id     uuid PRIMARY KEY,
    pool_id       uuid NOT NULL,
    account_id    uuid NOT NULL,
    method        text CHECK (method IN ('card', 'transfer', 'cash')),
    units         integer CHECK (units > 0),
    outcome       text CHECK (outcome IN ('allocated', 'waitlisted', 'ceiling_too_low', 'not_secured')),
    must_hold_idr bigint CHECK (must_hold_idr >= 0),
    pay_by        timestamptz,
    gone          boolean NOT NULL DEFAULT false,
    version       bigint NOT NULL
);
COMMENT ON TABLE members IS 'Each pledge as its member was last told of it, by the pool''s `version`. `outcome` is that of the first allocation. `gone`: withdrawn, dropped or released.';
CREATE INDEX members_of_pool ON members (pool_id) WHERE NOT gone;

CREATE TABLE messages (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES people (account_id),
    event_id   uuid NOT NULL,
    template   text NOT NULL CHECK (template ~ '^[a-z_]+$'),
    object_id  uuid,
    subject_id uuid,
    post_id    uuid,
    facts      jsonb NOT NULL CHECK (jsonb_typeof(facts) = 'object'),
    at         timestamptz NOT NULL,
    read_at    timestamptz CHECK (read_at >= at),
    CONSTRAINT told_once UNIQUE NULLS NOT DISTINCT (event_id, account_id, template, object_id)
);
COMMENT ON TABLE messages IS 'Everybody''s inbox: a template and its facts, written out in the reader''s language when it is read. Ids grow with time. Deleted with the account.';
CREATE INDEX messages_of_account ON messages (account_id, id DESC);
CREATE INDEX messages_unread ON messages (account_id) WHERE read_at IS NULL;

CREATE TABLE deliveries (
    message_id uuid NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    channel    text NOT NULL CHECK (channel IN ('email', 'whatsapp')),
    state      text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
    due_at     timestamptz,
    attempts   integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    reason     text CHECK (length(reason) <= 500),
    reference  text,
    sent_at    timestamptz,
    PRIMARY KEY (message_id, channel),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (state <> 'given_up' OR reason IS NOT NULL)
);
COMMENT ON TABLE deliveries IS 'A message''s way out of the house. Waiting ones are tried when due; while one is tried, `due_at` says until when nobody else takes it. `reason`: why the last try failed, or why it was given up.';
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'waiting';

CREATE TABLE post_notices (
    event_id          uuid NOT NULL,
    template          text NOT NULL,
    post_id           uuid NOT NULL,
    roles             text[] NOT NULL CHECK (cardinality(roles) > 0),
    subject_id        uuid,
    except_account_id uuid,
    facts             jsonb NOT NULL,
    at                timestamptz NOT NULL,
    PRIMARY KEY (event_id, template)
);
COMMENT ON TABLE post_notices IS 'What a post was told in the last day, for an officer whose role is heard of later than the thing itself.';
CREATE INDEX post_notices_of_post ON post_notices (post_id, at);
CREATE INDEX post_notices_at ON post_notices (at);
