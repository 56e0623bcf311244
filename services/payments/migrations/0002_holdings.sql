-- What payments knows of others' things, and what is held for each pledge.

CREATE TABLE posts (
    id   uuid PRIMARY KEY,
    name text NOT NULL
);
COMMENT ON TABLE posts IS 'Posyantek by name, for their cash boxes. From posyantek.post_registered.';

CREATE TABLE payees (
    supplier_id    uuid PRIMARY KEY,
    bank_name      text NOT NULL,
    account_number text NOT NULL,
    account_holder text NOT NULL,
    version        bigint NOT NULL
);
COMMENT ON TABLE payees IS 'Where suppliers are paid. From the transient offers.supplier_payee_changed; personal.';

CREATE TABLE pools (
    id                   uuid PRIMARY KEY,
    post_id              uuid,
    title                text,
    initiator_account_id uuid,
    treasurer_account_id uuid,
    verified_by          uuid,
    supplier_id          uuid,
    supplier_account_id  uuid,
    methods              text[],
    timing               text CHECK (timing IN ('deposit', 'after_acceptance')),
    grace_until          timestamptz,
    grace_ended_at       timestamptz,
    securing_closed_at   timestamptz,
    settled_at           timestamptz,
    CHECK (num_nulls(post_id, title, initiator_account_id, treasurer_account_id, verified_by, supplier_id, supplier_account_id, methods, timing) IN (0, 9)),
    CHECK (securing_closed_at IS NULL OR grace_until IS NOT NULL)
);
COMMENT ON TABLE pools IS 'Pools as payments knows them; the facts are empty until pool_opened has been heard. The row is the lock of every movement of the pool''s money. `grace_until`: closing has begun; `grace_ended_at`: what was still open then is being expired; `securing_closed_at`: the answer was given.';
CREATE INDEX pools_of_post ON pools (post_id);
CREATE INDEX pools_closing ON pools (grace_until) WHERE grace_ended_at IS NULL AND securing_closed_at IS NULL;

CREATE TABLE holdings (
    pledge_id              uuid PRIMARY KEY,
    pool_id                uuid NOT NULL REFERENCES pools (id),
    account_id             uuid NOT NULL,
    method                 text CHECK (method IN ('card', 'transfer', 'cash')),
    assisted_by            uuid,
    facts_version          bigint NOT NULL DEFAULT 0,
    must_hold_idr          bigint NOT NULL CHECK (must_hold_idr >= 0),
    may_hold_idr           bigint NOT NULL,
    pay_by                 timestamptz,
    dues_version           bigint NOT NULL DEFAULT 0,
    received_idr           bigint NOT NULL DEFAULT 0,
    refunded_idr           bigint NOT NULL DEFAULT 0 CHECK (refunded_idr >= 0),
    held_idr               bigint GENERATED ALWAYS AS (received_idr - refunded_idr) STORED CHECK (held_idr >= 0),
    codes_idr              bigint NOT NULL DEFAULT 0 CHECK (codes_idr >= 0),
    confirmed_idr          bigint NOT NULL DEFAULT 0 CHECK (confirmed_idr >= 0),
    confirmed_by           uuid,
    card_ref               text,
    charge_blocked_version bigint,
    block_reason           text,
    secured                boolean NOT NULL DEFAULT false,
    secured_at             timestamptz,
    heard_at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (may_hold_idr >= must_hold_idr),
    CHECK ((charge_blocked_version IS NULL) = (block_reason IS NULL))
);
COMMENT ON TABLE holdings IS 'What must, may and is held for each pledge, in rupiah. `method` is empty until the pledge itself has been heard; facts and dues carry the version of the pool''s event they came with, and only newer ones count. `codes_idr`: kode unik held beside. `charge_blocked_version`: the saved card was declined under that statement.';
CREATE INDEX holdings_of_pool ON holdings (pool_id, pledge_id);
CREATE INDEX holdings_of_account ON holdings (account_id);

CREATE TABLE bank_accounts (
    id             uuid PRIMARY KEY,
    bank_name      text NOT NULL,
    account_number text NOT NULL CHECK (account_number ~ '^[0-9]{5,30}$'),
    UNIQUE (bank_name, account_number)
);
COMMENT ON TABLE bank_accounts IS 'Accounts that groups hold their money on. Its row is the lock under which kode unik are given out.';

CREATE TABLE bank_choices (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pool_id         uuid NOT NULL REFERENCES pools (id),
    bank_account_id uuid NOT NULL REFERENCES bank_accounts (id),
    account_holder  text NOT NULL,
    chosen_by       uuid NOT NULL,
    at              timestamptz NOT NULL
);
COMMENT ON TABLE bank_choices IS 'Which bank account a pool uses, by whose word; the newest row holds. The holder''s name is personal.';
CREATE INDEX bank_choices_of_pool ON bank_choices (pool_id, number DESC);

CREATE TABLE transfer_asks (
    id              uuid PRIMARY KEY,
    pledge_id       uuid NOT NULL REFERENCES holdings (pledge_id),
    bank_account_id uuid NOT NULL REFERENCES bank_accounts (id),
    code            smallint CHECK (code BETWEEN 1 AND 999),
    amount_idr      bigint NOT NULL CHECK (amount_idr > 0),
    opened_at       timestamptz NOT NULL,
    closed_at       timestamptz
);
COMMENT ON TABLE transfer_asks IS 'What a member is asked to transfer: the amount plus a kode unik by which the transfer is recognised. No code when all 999 of the account are in use.';
CREATE UNIQUE INDEX transfer_asks_code ON transfer_asks (bank_account_id, code) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX transfer_asks_pledge ON transfer_asks (pledge_id) WHERE closed_at IS NULL;
CREATE INDEX transfer_asks_used ON transfer_asks (bank_account_id, code, closed_at);
