-- The book: accounts and entries. An entry names the account that is debited, the one that is credited, and one amount, so
-- an unbalanced entry cannot be written. Balances follow from entries by a trigger that the service's role cannot bypass.

CREATE TABLE accounts (
    code        text PRIMARY KEY CHECK (code ~ '^[a-z_]+(:[0-9a-f-]{36}){0,2}$'),
    kind        text NOT NULL CHECK (kind IN ('stripe', 'bank', 'cash_box', 'escrow', 'unique_code', 'supplier', 'operating')),
    owner_id    uuid,
    pool_id     uuid,
    balance_idr bigint NOT NULL DEFAULT 0,
    CONSTRAINT no_overdraft CHECK (balance_idr >= 0 OR kind = 'operating'),
    CHECK (pool_id IS NOT NULL OR kind = 'operating'),
    CHECK (owner_id IS NOT NULL OR kind IN ('stripe', 'escrow', 'operating'))
);
COMMENT ON TABLE accounts IS 'The chart of accounts (see the README). Assets (who holds the money): stripe, bank, cash_box; liabilities (to whom it belongs): escrow of a pool, unique_code of a pledge, supplier; operating is ours. The balance is counted in the account''s own direction, in rupiah.';
CREATE INDEX accounts_of_pool ON accounts (pool_id);

CREATE TABLE ledger (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    debit       text NOT NULL REFERENCES accounts (code),
    credit      text NOT NULL REFERENCES accounts (code),
    amount_idr  bigint NOT NULL CHECK (amount_idr > 0),
    kind        text NOT NULL CHECK (kind IN ('payment', 'unique_code', 'refund', 'unique_code_refund', 'payout', 'payout_paid', 'reversal')),
    method      text NOT NULL CHECK (method IN ('card', 'transfer', 'cash')),
    pool_id     uuid NOT NULL,
    pledge_id   uuid,
    movement_id uuid NOT NULL,
    receipt_no  text,
    reverses    bigint UNIQUE REFERENCES ledger (number),
    key         text NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 200),
    recorded_by uuid,
    checked_by  uuid,
    assisted_by uuid,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (debit <> credit),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
);
COMMENT ON TABLE ledger IS 'Every movement of money, append-only: amount_idr goes from `credit` to `debit`. A mistake is reversed by another entry. `movement_id`: the payment, refund or payout; `key` makes each entry happen once. No personal data: ids only.';
CREATE INDEX ledger_of_pool ON ledger (pool_id, number);
CREATE INDEX ledger_of_pledge ON ledger (pledge_id) WHERE pledge_id IS NOT NULL;
CREATE INDEX ledger_of_movement ON ledger (movement_id);

-- Balances move in the same statement as the entries. The function runs as its owner: the role may not touch a balance.
-- Rows are locked in the order of their codes first, so that two statements cannot wait for each other.
CREATE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM FROM accounts
    WHERE code IN (SELECT debit FROM entries UNION SELECT credit FROM entries)
    ORDER BY code FOR NO KEY UPDATE;
    UPDATE accounts SET balance_idr = balance_idr + change.amount_idr
    FROM (
        SELECT code, sum(CASE WHEN kind IN ('stripe', 'bank', 'cash_box') THEN debits ELSE -debits END)::bigint AS amount_idr
        FROM (
            SELECT debit AS code, amount_idr AS debits FROM entries
            UNION ALL SELECT credit, -amount_idr FROM entries
        ) AS side JOIN accounts USING (code)
        GROUP BY code
    ) AS change
    WHERE accounts.code = change.code;
    RETURN NULL;
END $$;

CREATE TRIGGER move_balances AFTER INSERT ON ledger REFERENCING NEW TABLE AS entries
    FOR EACH STATEMENT EXECUTE FUNCTION move_balances();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE receipts (
    post_id     uuid NOT NULL,
    series      text NOT NULL CHECK (series IN ('KW', 'BKK')),
    year        smallint NOT NULL CHECK (year BETWEEN 2000 AND 9999),
    number      integer NOT NULL CHECK (number > 0),
    movement_id uuid NOT NULL UNIQUE,
    at          timestamptz NOT NULL,
    PRIMARY KEY (post_id, series, year, number)
);
COMMENT ON TABLE receipts IS 'Numbers of receipts: KW (kwitansi) for money in, BKK (bukti kas keluar) for money out; per post and year (WIB), without holes.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE receipt_counters (
    post_id uuid NOT NULL,
    series  text NOT NULL,
    year    smallint NOT NULL,
    last    integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (post_id, series, year)
);
COMMENT ON TABLE receipt_counters IS 'The last number given in a series; counted in the transaction that uses it, so that an undone one leaves no hole.';

-- The role writes entries and opens accounts (empty ones); it cannot rewrite history nor set a balance.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger, receipts FROM {role};
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON accounts FROM {role};
GRANT INSERT (code, kind, owner_id, pool_id) ON accounts TO {role};
REVOKE DELETE, TRUNCATE ON receipt_counters FROM {role};
