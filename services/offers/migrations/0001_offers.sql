-- The catalogue, suppliers, their offers, and purchase orders.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TABLE technologies (
    id          uuid PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    position    integer NOT NULL CHECK (position >= 0),
    category    text NOT NULL,
    watts       integer CHECK (watts > 0),
    card        jsonb NOT NULL,
    search_text text NOT NULL,
    search      tsvector GENERATED ALWAYS AS (to_tsvector('indonesian', search_text)) STORED,
    listed      boolean NOT NULL DEFAULT true
);
COMMENT ON TABLE technologies IS
    'The TTG catalogue, loaded from its files at every start; id is the UUIDv5 of the slug. A few dozen rows, so no index but the keys. Not listed: no longer in the files, kept for the offers that name it.';

CREATE TABLE suppliers (
    id             uuid PRIMARY KEY,
    account_id     uuid NOT NULL,
    assisted_by    uuid,
    post_id        uuid NOT NULL,
    name           text NOT NULL CHECK (name <> ''),
    about          text NOT NULL,
    whatsapp       text,
    bank_name      text,
    account_number text CHECK (account_number ~ '^[0-9]{5,20}$'),
    account_holder text,
    status         text NOT NULL CHECK (status IN ('pending', 'verified', 'rejected', 'closed')),
    reason         text,
    decided_by     uuid,
    decided_at     timestamptz,
    registered_at  timestamptz NOT NULL,
    CHECK (assisted_by <> account_id),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (decided_by <> account_id),
    CHECK (decided_by <> assisted_by),
    CHECK (status = 'closed' OR (status = 'pending') = (decided_at IS NULL)),
    CHECK ((status = 'rejected') = (reason IS NOT NULL)),
    CHECK (num_nulls(whatsapp, bank_name, account_number, account_holder) = CASE status WHEN 'closed' THEN 4 ELSE 0 END)
);
COMMENT ON TABLE suppliers IS
    'Who makes offers. Nobody checks their own, nor one they helped to register. Closed: the owner asked to be forgotten; contacts and bank data are gone.';
CREATE UNIQUE INDEX suppliers_name ON suppliers (account_id, lower(name)) WHERE status IN ('pending', 'verified');
CREATE INDEX suppliers_account ON suppliers (account_id, id);
CREATE INDEX suppliers_queue ON suppliers (post_id, id) WHERE status = 'pending';

CREATE TABLE offers (
    id            uuid PRIMARY KEY,
    supplier_id   uuid NOT NULL REFERENCES suppliers (id),
    technology_id uuid NOT NULL REFERENCES technologies (id),
    version       integer NOT NULL CHECK (version > 0),
    status        text NOT NULL CHECK (status IN ('published', 'withdrawn'))
);
COMMENT ON TABLE offers IS 'Standing offers at their newest version; the terms are in offer_versions.';
CREATE INDEX offers_technology ON offers (technology_id, id) WHERE status = 'published';
CREATE INDEX offers_supplier ON offers (supplier_id, id);

CREATE TABLE offer_versions (
    offer_id uuid NOT NULL REFERENCES offers (id),
    version  integer NOT NULL CHECK (version > 0),
    terms    jsonb NOT NULL,
    note     text CHECK (note <> ''),
    made_by  uuid NOT NULL,
    made_at  timestamptz NOT NULL,
    PRIMARY KEY (offer_id, version)
);
COMMENT ON TABLE offer_versions IS 'Every version of every offer, append-only: orders refer to the version that their pool copied.';
ALTER TABLE offers ADD FOREIGN KEY (id, version) REFERENCES offer_versions (offer_id, version) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE purchase_orders (
    id                uuid PRIMARY KEY,
    pool_id           uuid NOT NULL,
    supplier_id       uuid NOT NULL REFERENCES suppliers (id),
    post_id           uuid NOT NULL,
    offer_id          uuid NOT NULL,
    offer_version     integer NOT NULL,
    technology_id     uuid NOT NULL REFERENCES technologies (id),
    title             text NOT NULL,
    quantity          integer NOT NULL CHECK (quantity > 0),
    minimum_quantity  integer NOT NULL CHECK (minimum_quantity BETWEEN 1 AND quantity),
    unit_price_idr    bigint NOT NULL CHECK (unit_price_idr > 0),
    total_idr         bigint NOT NULL CHECK (total_idr > 0),
    answer_by         timestamptz NOT NULL,
    fund_by           timestamptz NOT NULL,
    requested_at      timestamptz NOT NULL,
    state             text NOT NULL CHECK (state IN ('requested', 'accepted', 'declined', 'expired', 'cancelled', 'confirmed',
                                                     'partly_dispatched', 'dispatched', 'received', 'closed')),
    answer            text CHECK (answer IN ('accepted', 'declined', 'expired')),
    answered_at       timestamptz,
    answered_by       uuid,
    decline_reason    text,
    called_off_at     timestamptz,
    call_off_reason   text,
    ordered_quantity  integer CHECK (ordered_quantity BETWEEN minimum_quantity AND quantity),
    ordered_total_idr bigint CHECK (ordered_total_idr > 0),
    ordered_at        timestamptz,
    dispatched_units  integer NOT NULL DEFAULT 0,
    received_units    integer NOT NULL DEFAULT 0 CHECK (received_units >= 0),
    received_at       timestamptz,
    settled_at        timestamptz,
    FOREIGN KEY (offer_id, offer_version) REFERENCES offer_versions (offer_id, version),
    CHECK ((answer IS NULL) = (answered_at IS NULL)),
    CHECK ((answer IN ('accepted', 'declined')) IS TRUE = (answered_by IS NOT NULL)),
    CHECK ((answer = 'declined') IS TRUE = (decline_reason IS NOT NULL)),
    CONSTRAINT answered_in_time CHECK ((answered_at < answer_by) = (answer <> 'expired')),
    CHECK ((called_off_at IS NULL) = (call_off_reason IS NULL)),
    CHECK (num_nulls(ordered_quantity, ordered_total_idr, ordered_at) IN (0, 3)),
    CHECK (num_nulls(ordered_at, received_at, settled_at) = 3 OR (answer = 'accepted' AND called_off_at IS NULL) IS TRUE),
    CHECK (dispatched_units BETWEEN 0 AND coalesce(ordered_quantity, 0)),
    CHECK ((state = 'requested') = (answer IS NULL AND called_off_at IS NULL))
);
COMMENT ON TABLE purchase_orders IS
    'What suppliers are asked, their answers, and how far the goods have come. State follows from the other columns by the rule in domain/order.py. ordered_*: the firm order, all money there.';
CREATE INDEX purchase_orders_supplier ON purchase_orders (supplier_id, id);
CREATE INDEX purchase_orders_supplier_state ON purchase_orders (supplier_id, state, id);
CREATE INDEX purchase_orders_due ON purchase_orders (answer_by) WHERE state = 'requested';

CREATE TABLE early_call_offs (
    order_id      uuid PRIMARY KEY,
    call_off_reason text NOT NULL,
    called_off_at timestamptz NOT NULL
);
COMMENT ON TABLE early_call_offs IS 'Orders that pools called off before the request for them was heard; applied when it is.';

CREATE TABLE dispatches (
    id            uuid PRIMARY KEY,
    order_id      uuid NOT NULL REFERENCES purchase_orders (id),
    units         integer NOT NULL CHECK (units > 0),
    note          text NOT NULL,
    dispatched_by uuid NOT NULL,
    dispatched_at timestamptz NOT NULL
);
COMMENT ON TABLE dispatches IS 'What the supplier has sent, append-only.';
CREATE INDEX dispatches_order ON dispatches (order_id, id);

CREATE TABLE receipts (
    event_id    uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES purchase_orders (id),
    units       integer NOT NULL CHECK (units > 0),
    complete    boolean NOT NULL,
    received_by uuid NOT NULL,
    received_at timestamptz NOT NULL
);
COMMENT ON TABLE receipts IS 'What the post has received, each event of pools once, append-only.';
CREATE INDEX receipts_order ON receipts (order_id);

REVOKE UPDATE, DELETE, TRUNCATE ON offer_versions, dispatches, receipts, early_call_offs FROM {role};
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON offer_versions EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatches EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON early_call_offs EXECUTE FUNCTION refuse_change();
