-- Imports of products from spreadsheets: the file's rows, what was found in them, and the pictures that came along.

CREATE TABLE imports (
    id          uuid PRIMARY KEY,
    business_id uuid NOT NULL REFERENCES businesses (id),
    account_id  uuid NOT NULL,
    assisted_by uuid CHECK (assisted_by <> account_id),
    file_name   text CHECK (length(file_name) BETWEEN 1 AND 120),
    kind        text NOT NULL CHECK (kind IN ('xlsx', 'csv', 'zip')),
    state       text NOT NULL CHECK (state IN ('checked', 'running', 'done', 'cancelled')),
    if_known    text CHECK (if_known IN ('update', 'skip')),
    publish     boolean,
    notes       jsonb NOT NULL DEFAULT '[]',
    created_at  timestamptz NOT NULL,
    started_at  timestamptz,
    ended_at    timestamptz,
    CHECK (num_nonnulls(if_known, publish, started_at) IN (0, 3)),
    CHECK (state NOT IN ('running', 'done') OR started_at IS NOT NULL),
    CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'cancelled')))
);
COMMENT ON TABLE imports IS 'A spreadsheet that somebody has sent for their business. `checked`: read, nothing taken yet. `notes`: findings of the file as a whole. Goes with its rows 30 days after it ended, or was left lying.';
CREATE INDEX imports_of_account ON imports (account_id, id);
CREATE INDEX imports_to_drop ON imports ((coalesce(ended_at, created_at))) WHERE state <> 'running';
CREATE UNIQUE INDEX imports_running ON imports (business_id) WHERE state = 'running';

CREATE TABLE import_rows (
    import_id    uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    number       integer NOT NULL CHECK (number > 0),
    state        text NOT NULL CHECK (state IN ('ready', 'wrong', 'added', 'updated', 'unchanged', 'skipped', 'failed')),
    "values"     jsonb NOT NULL,
    given        jsonb NOT NULL,
    findings     jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(findings) = 'array'),
    listing_id   uuid REFERENCES listings (id),
    PRIMARY KEY (import_id, number),
    CHECK (state NOT IN ('added', 'updated', 'unchanged') OR listing_id IS NOT NULL),
    CHECK (state NOT IN ('ready', 'wrong') OR listing_id IS NULL)
);
COMMENT ON TABLE import_rows IS 'A row of an import; `number` as in the spreadsheet. `values`: what was read, by field; `given`: the cells as the person sees them; `findings`: {column, code, message, level}. `ready` rows are taken once the import runs, `wrong` ones never.';
CREATE INDEX import_rows_by_state ON import_rows (import_id, state, number);
CREATE INDEX import_rows_with_findings ON import_rows (import_id, number) WHERE findings <> '[]';
CREATE INDEX import_rows_of_listing ON import_rows (listing_id) WHERE listing_id IS NOT NULL;

CREATE TABLE import_files (
    import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    name      text NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    content   bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 41943040),
    PRIMARY KEY (import_id, name)
);
COMMENT ON TABLE import_files IS 'Pictures of a ZIP that its rows name, by lower-case name without folders. Dropped as soon as nobody waits for them.';

CREATE TABLE import_photos (
    import_id  uuid NOT NULL,
    number     integer NOT NULL,
    place      integer NOT NULL CHECK (place BETWEEN 1 AND 8),
    account_id uuid NOT NULL,
    listing_id uuid NOT NULL REFERENCES listings (id),
    source     text NOT NULL CHECK (length(source) BETWEEN 1 AND 500),
    state      text NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    tries      integer NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 10),
    due_at     timestamptz NOT NULL,
    reason     text CHECK (length(reason) BETWEEN 1 AND 500),
    PRIMARY KEY (import_id, number, place),
    FOREIGN KEY (import_id, number) REFERENCES import_rows (import_id, number) ON DELETE CASCADE,
    CHECK ((reason IS NOT NULL) = (state = 'failed'))
);
COMMENT ON TABLE import_photos IS 'A picture that a row names, for the listing that came of the row: the name of a file of the ZIP or an https link. `due_at`: when it is tried, or tried again if whoever took it never came back.';
CREATE INDEX import_photos_due ON import_photos (due_at) WHERE state = 'waiting';
CREATE INDEX import_photos_of_listing ON import_photos (listing_id);

-- Rows are recognised by the name of a product that the business has already.
CREATE INDEX listings_by_name ON listings (business_id, lower(name)) WHERE status <> 'archived';

REVOKE TRUNCATE ON imports, import_rows, import_files, import_photos FROM {role};
REVOKE UPDATE ON import_files FROM {role};
