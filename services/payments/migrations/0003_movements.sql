-- Money in, money back, money out; and what the card provider is asked to do about it.

CREATE TABLE customers (
    account_id uuid PRIMARY KEY,
    ref        text NOT NULL UNIQUE
);
COMMENT ON TABLE customers IS 'The card provider''s customer for an account.';

CREATE TABLE card_setups (
    id          uuid PRIMARY KEY,
    pledge_id   uuid NOT NULL REFERENCES holdings (pledge_id),
    pool_id     uuid NOT NULL REFERENCES pools (id),
    customer    text NOT NULL,
    success_url text NOT NULL,
    cancel_url  text NOT NULL,
    expires_at  timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('intended', 'open', 'complete', 'expired', 'refused')),
    ref         text UNIQUE,
    url         text,
    unwanted    boolean NOT NULL DEFAULT false,
    look_at     timestamptz,
    nudges      integer NOT NULL DEFAULT 0,
    tries       integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    CHECK ((state = 'open') <= (ref IS NOT NULL AND url IS NOT NULL))
);
COMMENT ON TABLE card_setups IS 'Pages on which a member saves a card. The id is the idempotency key. `look_at`: when a job next asks the provider; empty when there is nothing to ask. `nudges`: webhooks that came, so that one is not passed over.';
CREATE UNIQUE INDEX card_setups_live ON card_setups (pledge_id) WHERE state IN ('intended', 'open');
CREATE INDEX card_setups_of_pool ON card_setups (pool_id) WHERE state IN ('intended', 'open');
CREATE INDEX card_setups_due ON card_setups (look_at) WHERE look_at IS NOT NULL;

CREATE TABLE attempts (
    id           uuid PRIMARY KEY,
    pledge_id    uuid NOT NULL REFERENCES holdings (pledge_id),
    pool_id      uuid NOT NULL REFERENCES pools (id),
    kind         text NOT NULL CHECK (kind IN ('charge', 'link')),
    amount_idr   bigint NOT NULL CHECK (amount_idr > 0),
    customer     text NOT NULL,
    card_ref     text,
    success_url  text,
    cancel_url   text,
    expires_at   timestamptz,
    state        text NOT NULL CHECK (state IN ('intended', 'open', 'processing', 'succeeded', 'declined', 'authentication_required', 'expired', 'cancelled', 'refused')),
    ref          text UNIQUE,
    url          text,
    charge_ref   text UNIQUE,
    decline_code text,
    unwanted     boolean NOT NULL DEFAULT false,
    sent_at      timestamptz,
    look_at      timestamptz,
    nudges       integer NOT NULL DEFAULT 0,
    tries        integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CHECK ((kind = 'charge') = (card_ref IS NOT NULL)),
    CHECK ((kind = 'link') = (expires_at IS NOT NULL AND success_url IS NOT NULL AND cancel_url IS NOT NULL)),
    CHECK ((state = 'open') <= (kind = 'link' AND ref IS NOT NULL AND url IS NOT NULL)),
    CHECK ((state IN ('succeeded', 'processing')) <= (charge_ref IS NOT NULL)),
    CHECK ((state IN ('intended', 'open', 'processing')) = (ended_at IS NULL))
);
COMMENT ON TABLE attempts IS 'Attempts to take money by card: a charge of the saved card, or a payment link. The id is the idempotency key at the provider. `sent_at`: from then on the outcome may be unknown, and only the provider knows. At most one in flight per pledge.';
CREATE UNIQUE INDEX attempts_in_flight ON attempts (pledge_id) WHERE state IN ('intended', 'open', 'processing');
CREATE INDEX attempts_due ON attempts (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX attempts_of_pledge ON attempts (pledge_id, created_at);

CREATE TABLE payments (
    id              uuid PRIMARY KEY,
    pledge_id       uuid NOT NULL REFERENCES holdings (pledge_id),
    pool_id         uuid NOT NULL REFERENCES pools (id),
    method          text NOT NULL CHECK (method IN ('card', 'transfer', 'cash')),
    state           text NOT NULL CHECK (state IN ('awaiting_check', 'received', 'rejected')),
    told_idr        bigint CHECK (told_idr > 0),
    amount_idr      bigint NOT NULL DEFAULT 0 CHECK (amount_idr >= 0),
    code_idr        bigint NOT NULL DEFAULT 0 CHECK (code_idr BETWEEN 0 AND 999),
    custodian       text REFERENCES accounts (code),
    attempt_id      uuid UNIQUE REFERENCES attempts (id),
    bank_account_id uuid REFERENCES bank_accounts (id),
    reference       text CHECK (length(reference) BETWEEN 1 AND 120),
    note            text CHECK (length(note) BETWEEN 1 AND 2000),
    reason          text CHECK (length(reason) BETWEEN 1 AND 2000),
    told_by         uuid,
    recorded_by     uuid,
    assisted_by     uuid,
    receipt_no      text,
    at              timestamptz NOT NULL,
    decided_at      timestamptz,
    CHECK ((state = 'received') = (amount_idr + code_idr > 0 AND custodian IS NOT NULL AND receipt_no IS NOT NULL)),
    CHECK ((state = 'awaiting_check') = (decided_at IS NULL)),
    CHECK ((state = 'awaiting_check') <= (method = 'transfer' AND told_idr IS NOT NULL)),
    CHECK ((method = 'card') = (attempt_id IS NOT NULL)),
    CHECK ((method = 'transfer') = (bank_account_id IS NOT NULL)),
    CHECK ((state = 'rejected') = (reason IS NOT NULL))
);
COMMENT ON TABLE payments IS 'Money in: taken by card, found on the bank account, or handed to the post. A member''s word that they transferred (`told_idr`) awaits a check. `amount_idr` counts for the pledge, `code_idr` is the kode unik. Notes are personal and emptied on erasure.';
CREATE UNIQUE INDEX payments_awaiting ON payments (pledge_id) WHERE state = 'awaiting_check';
CREATE UNIQUE INDEX payments_reference ON payments (bank_account_id, reference) WHERE state = 'received';
CREATE INDEX payments_of_pledge ON payments (pledge_id, at);
CREATE INDEX payments_codes ON payments (pool_id) WHERE code_idr > 0;
CREATE INDEX payments_queue ON payments (pool_id, at) WHERE state = 'awaiting_check';

CREATE TABLE refunds (
    id          uuid PRIMARY KEY,
    pledge_id   uuid NOT NULL REFERENCES holdings (pledge_id),
    pool_id     uuid NOT NULL REFERENCES pools (id),
    payment_id  uuid REFERENCES payments (id),
    method      text NOT NULL CHECK (method IN ('card', 'transfer', 'cash')),
    amount_idr  bigint NOT NULL CHECK (amount_idr >= 0),
    code_idr    bigint NOT NULL DEFAULT 0 CHECK (code_idr >= 0),
    custodian   text NOT NULL REFERENCES accounts (code),
    charge_ref  text,
    state       text NOT NULL CHECK (state IN ('intended', 'pending', 'requested', 'prepared', 'paid', 'cancelled', 'failed')),
    ref         text UNIQUE,
    problem     text,
    proof       text CHECK (length(proof) BETWEEN 1 AND 2000),
    prepared_by uuid,
    prepared_at timestamptz,
    approved_by uuid,
    receipt_no  text,
    sent_at     timestamptz,
    look_at     timestamptz,
    nudges      integer NOT NULL DEFAULT 0,
    tries       integer NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    CHECK (amount_idr + code_idr > 0),
    CHECK ((method = 'card') <= (charge_ref IS NOT NULL AND payment_id IS NOT NULL AND code_idr = 0)),
    CHECK ((state IN ('intended', 'pending')) <= (method = 'card')),
    CHECK ((state = 'prepared') <= (prepared_by IS NOT NULL AND proof IS NOT NULL)),
    CHECK (approved_by IS NULL OR approved_by <> prepared_by),
    CHECK ((state IN ('paid', 'pending')) <= (receipt_no IS NOT NULL)),
    CHECK ((state IN ('paid', 'cancelled', 'failed')) = (ended_at IS NOT NULL))
);
COMMENT ON TABLE refunds IS 'Money back to a member. By card a job does it (intended, pending at the provider, paid or failed); by hand two people do (requested, prepared, paid). Open, not yet gone: intended, requested, prepared. A card refund that the provider refuses is requested of people, with `problem`.';
CREATE INDEX refunds_of_pledge ON refunds (pledge_id, created_at);
CREATE INDEX refunds_codes ON refunds (pool_id) WHERE code_idr > 0;
CREATE INDEX refunds_open ON refunds (pool_id, created_at) WHERE state IN ('intended', 'requested', 'prepared');
CREATE INDEX refunds_due ON refunds (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX refunds_of_charge ON refunds (charge_ref) WHERE charge_ref IS NOT NULL;

CREATE TABLE payouts (
    id           uuid PRIMARY KEY,
    order_id     uuid NOT NULL,
    pool_id      uuid NOT NULL REFERENCES pools (id),
    supplier_id  uuid NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('down_payment', 'on_delivery', 'on_acceptance')),
    amount_idr   bigint NOT NULL CHECK (amount_idr > 0),
    state        text NOT NULL CHECK (state IN ('requested', 'prepared', 'paid')),
    reference    text CHECK (length(reference) BETWEEN 1 AND 120),
    prepared_by  uuid,
    prepared_at  timestamptz,
    approved_by  uuid,
    receipt_no   text,
    requested_at timestamptz NOT NULL,
    paid_at      timestamptz,
    UNIQUE (order_id, stage),
    CHECK ((state = 'requested') = (prepared_by IS NULL AND reference IS NULL)),
    CHECK ((state = 'paid') = (approved_by IS NOT NULL AND receipt_no IS NOT NULL AND paid_at IS NOT NULL)),
    CHECK (approved_by <> prepared_by)
);
COMMENT ON TABLE payouts IS 'Money to suppliers: each stage of an order once, prepared by one person and approved by another.';
CREATE INDEX payouts_open ON payouts (pool_id, requested_at) WHERE state <> 'paid';
CREATE INDEX payouts_of_pool ON payouts (pool_id);

CREATE TABLE notices (
    id          text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
    type        text NOT NULL,
    subject     text NOT NULL,
    object_ref  text NOT NULL,
    charge_ref  text,
    pledge_id   uuid,
    attempt_id  uuid,
    refund_id   uuid,
    created_at  timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'ignored')),
    handled_at  timestamptz
);
COMMENT ON TABLE notices IS 'Genuine webhooks of the card provider, each once, stored before anything else. Only a hint of what to ask the provider about; ignored: about nothing of ours.';
CREATE INDEX notices_new ON notices (received_at) WHERE state = 'new';

-- What has moved stays on record.
REVOKE DELETE, TRUNCATE ON holdings, attempts, payments, refunds, payouts, notices, bank_choices FROM {role};
