-- Pools: pooled purchases, their pledges, allocations, orders and deliveries; and what pools knows of others.

-- What others have said -----------------------------------------------------------------------------------------------

CREATE TABLE people (
    account_id uuid PRIMARY KEY,
    name       text,
    version    bigint NOT NULL
);
COMMENT ON TABLE people IS 'Names, for masked lists; from identity''s transient profiles, none once an account is erased.';

CREATE TABLE posts (
    post_id uuid PRIMARY KEY,
    name    text NOT NULL
);
COMMENT ON TABLE posts IS 'Posyantek, by name.';

CREATE TABLE offers (
    offer_id            uuid PRIMARY KEY,
    offer_version       integer NOT NULL,
    supplier_id         uuid NOT NULL,
    supplier_name       text NOT NULL,
    supplier_account_id uuid NOT NULL,
    technology_id       uuid NOT NULL,
    technology          jsonb NOT NULL,
    terms               jsonb NOT NULL,
    withdrawn           boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE offers IS 'Standing offers as their suppliers last stated them; a pool copies one at its proposal.';

-- Pools ---------------------------------------------------------------------------------------------------------------

CREATE TABLE pools (
    id                   uuid PRIMARY KEY,
    post_id              uuid NOT NULL,
    initiator_account_id uuid NOT NULL,
    treasurer_account_id uuid NOT NULL,
    title                text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    story                text NOT NULL DEFAULT '',
    offer_id             uuid NOT NULL,
    offer_version        integer NOT NULL,
    supplier_id          uuid NOT NULL,
    supplier_name        text NOT NULL,
    supplier_account_id  uuid NOT NULL,
    technology_id        uuid NOT NULL,
    technology           jsonb NOT NULL,
    terms                jsonb NOT NULL,
    capacity_units       integer NOT NULL CHECK (capacity_units > 0),
    methods              text[] NOT NULL CHECK (cardinality(methods) > 0 AND methods <@ ARRAY['card', 'transfer', 'cash']),
    timing               text NOT NULL CHECK (timing IN ('deposit', 'after_acceptance')),
    deadline             timestamptz NOT NULL,
    state                text NOT NULL DEFAULT 'draft' CHECK (state IN (
        'draft', 'in_review', 'open', 'closing', 'awaiting_supplier', 'reconsenting', 'collecting', 'ordered',
        'delivered', 'inspected', 'settled', 'failed', 'cancelled')),
    reason               text,
    verified_by          uuid CHECK (verified_by <> initiator_account_id),
    extended             boolean NOT NULL DEFAULT false,
    extension_notice     text CHECK (extension_notice IS NULL OR extended),
    closing_reason       text CHECK (closing_reason IN ('deadline', 'filled')),
    failure              text CHECK (failure IN ('target_missed', 'declined', 'unanswered', 'unfunded')),
    quantity             integer NOT NULL DEFAULT 0 CHECK (quantity BETWEEN 0 AND capacity_units),
    pay_window           text CHECK (pay_window IN ('members', 'waiters', 'top_up')),
    pay_by               timestamptz,
    received_units       integer NOT NULL DEFAULT 0 CHECK (received_units BETWEEN 0 AND quantity),
    next_number          integer NOT NULL DEFAULT 1,
    live_pledges         integer NOT NULL DEFAULT 0 CHECK (live_pledges >= 0),
    pledged_units        integer NOT NULL DEFAULT 0 CHECK (pledged_units >= 0),
    secured_units        integer NOT NULL DEFAULT 0 CHECK (secured_units BETWEEN 0 AND pledged_units),
    reached_from_units   integer NOT NULL DEFAULT 0,
    created_at           timestamptz NOT NULL,
    opened_at            timestamptz,
    CHECK ((failure IS NOT NULL) = (state = 'failed')),
    CHECK ((pay_window IS NULL) = (pay_by IS NULL)),
    CHECK (state NOT IN ('open', 'closing', 'awaiting_supplier', 'collecting', 'ordered', 'delivered', 'inspected', 'settled')
        OR verified_by IS NOT NULL)
);
COMMENT ON TABLE pools IS 'Pooled purchases. The row is the lock of everything that happens to a pool; terms are frozen at its proposal.';
CREATE INDEX pools_due ON pools (deadline) WHERE state = 'open';
CREATE INDEX pools_pay_by ON pools (pay_by) WHERE state = 'collecting';
CREATE INDEX pools_post ON pools (post_id, state, id);
CREATE INDEX pools_newest ON pools (state, id);
CREATE INDEX pools_technology ON pools (technology_id, state, id);
CREATE INDEX pools_offer ON pools (offer_id, state, id);
CREATE INDEX pools_initiator ON pools (initiator_account_id, id);

CREATE TABLE pledges (
    id              uuid PRIMARY KEY,
    pool_id         uuid NOT NULL REFERENCES pools (id),
    account_id      uuid NOT NULL,
    number          integer NOT NULL CHECK (number > 0),
    units           integer NOT NULL CHECK (units > 0),
    tolerance_units integer NOT NULL CHECK (tolerance_units >= 0),
    ceiling_idr     bigint NOT NULL CHECK (ceiling_idr > 0),
    method          text NOT NULL CHECK (method IN ('card', 'transfer', 'cash')),
    state           text NOT NULL CHECK (state IN (
        'made', 'secured', 'allocated', 'waitlisted', 'dropped', 'withdrawn', 'fulfilled')),
    reason          text CHECK (reason IN ('waitlisted', 'ceiling_too_low', 'not_secured', 'not_paid', 'no_seat', 'failed', 'cancelled')),
    assisted_by     uuid CHECK (assisted_by <> account_id),
    must_hold_idr   bigint NOT NULL DEFAULT 0 CHECK (must_hold_idr >= 0),
    may_hold_idr    bigint NOT NULL CHECK (may_hold_idr >= must_hold_idr AND may_hold_idr <= ceiling_idr * (units + tolerance_units)),
    held_idr        bigint NOT NULL DEFAULT 0 CHECK (held_idr >= 0),
    held_version    bigint NOT NULL DEFAULT 0,
    pay_by          timestamptz,
    made_at         timestamptz NOT NULL,
    UNIQUE (pool_id, number)
);
COMMENT ON TABLE pledges IS 'What an account has promised to buy. `ceiling_idr`: all-in, for one unit. `held_idr` is payments'' word.';
CREATE UNIQUE INDEX pledges_one_live ON pledges (pool_id, account_id)
    WHERE state NOT IN ('dropped', 'withdrawn', 'fulfilled');
CREATE INDEX pledges_account ON pledges (account_id, id);

CREATE TABLE pledge_blocks (
    pool_id   uuid NOT NULL REFERENCES pools (id),
    number    integer NOT NULL CHECK (number > 0),
    pledge_id uuid NOT NULL REFERENCES pledges (id),
    units     integer NOT NULL CHECK (units > 0),
    PRIMARY KEY (pool_id, number)
);
COMMENT ON TABLE pledge_blocks IS 'Units of a pledge by the number under which they came: who raises stands last with what was added.';
CREATE INDEX pledge_blocks_pledge ON pledge_blocks (pledge_id, number);

CREATE TABLE securing_answers (
    pool_id    uuid NOT NULL REFERENCES pools (id),
    chunk      integer NOT NULL CHECK (chunk > 0),
    chunks     integer NOT NULL CHECK (chunks >= chunk),
    pledge_ids uuid[] NOT NULL,
    PRIMARY KEY (pool_id, chunk)
);
COMMENT ON TABLE securing_answers IS 'The secured pledges as payments named them, chunk by chunk; the last one starts the allocation.';

-- Allocations ---------------------------------------------------------------------------------------------------------

CREATE TABLE allocations (
    pool_id          uuid NOT NULL REFERENCES pools (id),
    run              integer NOT NULL CHECK (run IN (1, 2)),
    quantity         integer NOT NULL CHECK (quantity > 0),
    unit_price_idr   bigint NOT NULL CHECK (unit_price_idr > 0),
    landed_price_idr bigint NOT NULL CHECK (landed_price_idr >= unit_price_idr),
    freight_idr      bigint NOT NULL CHECK (freight_idr >= 0),
    installation_idr bigint NOT NULL CHECK (installation_idr >= 0),
    training_idr     bigint NOT NULL CHECK (training_idr >= 0),
    at               timestamptz NOT NULL,
    PRIMARY KEY (pool_id, run)
);
COMMENT ON TABLE allocations IS 'What the closing rule decided: run 1 at the closing, run 2 after a shortfall. Never changed.';

CREATE TABLE allocation_lines (
    pool_id              uuid NOT NULL,
    run                  integer NOT NULL,
    pledge_id            uuid NOT NULL REFERENCES pledges (id),
    number               integer NOT NULL,
    units                integer NOT NULL CHECK (units >= 0),
    tolerance_used_units integer NOT NULL CHECK (tolerance_used_units >= 0),
    waitlisted_units     integer NOT NULL CHECK (waitlisted_units >= 0),
    ceiling_idr          bigint NOT NULL,
    outcome              text NOT NULL CHECK (outcome IN ('allocated', 'waitlisted', 'ceiling_too_low')),
    goods_idr            bigint NOT NULL CHECK (goods_idr >= 0),
    freight_idr          bigint NOT NULL CHECK (freight_idr >= 0),
    installation_idr     bigint NOT NULL CHECK (installation_idr >= 0),
    training_idr         bigint NOT NULL CHECK (training_idr >= 0),
    PRIMARY KEY (pool_id, run, pledge_id),
    FOREIGN KEY (pool_id, run) REFERENCES allocations (pool_id, run),
    CHECK (goods_idr + freight_idr + installation_idr + training_idr <= ceiling_idr * units)
);
COMMENT ON TABLE allocation_lines IS 'What each pledge got and pays, every rupiah by origin; nobody above their ceiling.';
CREATE INDEX allocation_lines_pledge ON allocation_lines (pledge_id, run);

CREATE TABLE allocation_bids (
    pool_id         uuid NOT NULL,
    run             integer NOT NULL,
    number          integer NOT NULL,
    waits           boolean NOT NULL,
    pledge_id       uuid NOT NULL REFERENCES pledges (id),
    units           integer NOT NULL CHECK (units > 0),
    tolerance_units integer NOT NULL CHECK (tolerance_units >= 0),
    ceiling_idr     bigint NOT NULL,
    offered_units   integer NOT NULL DEFAULT 0 CHECK (offered_units BETWEEN 0 AND units),
    PRIMARY KEY (pool_id, run, number, waits),
    FOREIGN KEY (pool_id, run) REFERENCES allocations (pool_id, run),
    CHECK (waits OR offered_units = 0)
);
COMMENT ON TABLE allocation_bids IS 'Bids cut at the last seat: served and waiting ones, and the seats offered to waiters after a shortfall.';

-- Orders and delivery -------------------------------------------------------------------------------------------------

CREATE TABLE orders (
    id               uuid PRIMARY KEY,
    pool_id          uuid NOT NULL UNIQUE REFERENCES pools (id),
    state            text NOT NULL DEFAULT 'requested' CHECK (state IN (
        'requested', 'accepted', 'declined', 'expired', 'cancelled', 'confirmed', 'received', 'closed')),
    quantity         integer NOT NULL CHECK (quantity > 0),
    minimum_quantity integer NOT NULL CHECK (minimum_quantity BETWEEN 1 AND quantity),
    unit_price_idr   bigint NOT NULL CHECK (unit_price_idr > 0),
    total_idr        bigint NOT NULL CHECK (total_idr > 0),
    answer_by        timestamptz NOT NULL,
    fund_by          timestamptz NOT NULL CHECK (fund_by > answer_by),
    dispatched_units integer NOT NULL DEFAULT 0 CHECK (dispatched_units BETWEEN 0 AND quantity)
);
COMMENT ON TABLE orders IS 'The purchase order of a pool, as pools sees it; the supplier''s answer is offers'' word.';

CREATE TABLE dispatches (
    id       uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders (id),
    units    integer NOT NULL CHECK (units > 0)
);
COMMENT ON TABLE dispatches IS 'What the supplier has sent, each dispatch once however often it is told.';
CREATE INDEX dispatches_order ON dispatches (order_id);

CREATE TABLE payouts (
    order_id     uuid NOT NULL REFERENCES orders (id),
    stage        text NOT NULL CHECK (stage IN ('down_payment', 'on_delivery', 'on_acceptance')),
    amount_idr   bigint NOT NULL CHECK (amount_idr > 0),
    requested_at timestamptz NOT NULL,
    paid_at      timestamptz,
    PRIMARY KEY (order_id, stage)
);
COMMENT ON TABLE payouts IS 'What the supplier has earned, stage by stage, each exactly once; that it is paid is payments'' word.';

CREATE TABLE receipts (
    id          uuid PRIMARY KEY,
    pool_id     uuid NOT NULL REFERENCES pools (id),
    units       integer NOT NULL CHECK (units > 0),
    note        text NOT NULL DEFAULT '',
    received_by uuid NOT NULL,
    at          timestamptz NOT NULL
);
COMMENT ON TABLE receipts IS 'Goods that the post has received; there may be several deliveries.';
CREATE INDEX receipts_pool ON receipts (pool_id, at);

CREATE TABLE inspections (
    pool_id        uuid PRIMARY KEY REFERENCES pools (id),
    serial_numbers text[] NOT NULL,
    trained        integer NOT NULL CHECK (trained >= 0),
    note           text NOT NULL DEFAULT '',
    inspected_by   uuid NOT NULL,
    at             timestamptz NOT NULL
);
COMMENT ON TABLE inspections IS 'The acceptance test (uji terima): serial numbers and how many members were trained.';

REVOKE UPDATE, DELETE, TRUNCATE ON allocations, allocation_lines FROM {role};
REVOKE DELETE, TRUNCATE ON allocation_bids, orders, payouts, pledges, pools FROM {role};
REVOKE UPDATE, DELETE, TRUNCATE ON dispatches, receipts, inspections FROM {role};
