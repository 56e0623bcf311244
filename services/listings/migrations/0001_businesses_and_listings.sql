-- Businesses, their listings, the history of both, and what is known of others' facts: posts and machines owned.

CREATE TABLE businesses (
    id               uuid PRIMARY KEY,
    owner_account_id uuid NOT NULL,
    post_id          uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    story            text CHECK (length(story) BETWEEN 1 AND 2000),
    whatsapp         text CHECK (whatsapp ~ '^\+[1-9][0-9]{6,14}$'),
    kelurahan_code   text CHECK (kelurahan_code ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$'),
    categories       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(categories) <= 5),
    status           text NOT NULL CHECK (status IN ('pending', 'verified', 'rejected')),
    reason           text CHECK (length(reason) BETWEEN 1 AND 2000),
    assisted_by      uuid CHECK (assisted_by <> owner_account_id),
    reviewed_by      uuid,
    version          integer NOT NULL CHECK (version > 0),
    registered_at    timestamptz NOT NULL,
    erased_at        timestamptz,
    UNIQUE (id, post_id),
    CHECK ((reviewed_by IS NULL) = (status = 'pending')),
    CHECK ((reason IS NOT NULL) = (status = 'rejected') OR erased_at IS NOT NULL),
    CHECK (erased_at IS NOT NULL OR whatsapp IS NOT NULL),
    CHECK (erased_at IS NULL OR (whatsapp IS NULL AND story IS NULL AND reason IS NULL)),
    CONSTRAINT businesses_two_people CHECK (reviewed_by <> owner_account_id AND (assisted_by IS NULL OR reviewed_by <> assisted_by))
);
COMMENT ON TABLE businesses IS 'A UKM, its post and its owner. Whoever reviews it is neither its owner nor whoever helped at registration. `erased_at`: its owner asked to be forgotten; name, story and contact are gone.';
CREATE INDEX businesses_of_owner ON businesses (owner_account_id, id);
CREATE INDEX businesses_pending ON businesses (post_id, id) WHERE status = 'pending' AND erased_at IS NULL;

CREATE TABLE listings (
    id           uuid PRIMARY KEY,
    business_id  uuid NOT NULL,
    post_id      uuid NOT NULL,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    description  text CHECK (length(description) BETWEEN 1 AND 2000),
    category     text NOT NULL CHECK (length(category) BETWEEN 1 AND 40),
    price_idr    bigint NOT NULL CHECK (price_idr BETWEEN 1 AND 99999999999999),
    unit         text CHECK (length(unit) BETWEEN 1 AND 20),
    status       text NOT NULL CHECK (status IN ('draft', 'published', 'paused', 'archived')),
    version      integer NOT NULL CHECK (version > 0),
    created_at   timestamptz NOT NULL,
    published_at timestamptz,
    search       tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('indonesian', name), 'A') || setweight(to_tsvector('indonesian', coalesce(description, '')), 'B')
    ) STORED,
    FOREIGN KEY (business_id, post_id) REFERENCES businesses (id, post_id),
    CHECK (status NOT IN ('published', 'paused') OR published_at IS NOT NULL)
);
COMMENT ON TABLE listings IS 'A product of a business. `post_id` repeats the business''s, so that a post''s products are found by one index. `published_at`: when it was first on show; pausing does not move it to the top again.';
CREATE INDEX listings_of_business ON listings (business_id, id);
CREATE INDEX listings_newest ON listings (published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX listings_newest_of_post ON listings (post_id, published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX listings_newest_of_category ON listings (category, published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX listings_newest_of_business ON listings (business_id, published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX listings_search ON listings USING gin (search) WITH (fastupdate = off) WHERE status = 'published';

CREATE TABLE history (
    business_id uuid REFERENCES businesses (id),
    listing_id  uuid REFERENCES listings (id),
    version     integer NOT NULL CHECK (version > 0),
    what        text NOT NULL,
    account_id  uuid NOT NULL,
    assisted_by uuid,
    at          timestamptz NOT NULL,
    details     jsonb NOT NULL DEFAULT '{}',
    CHECK (num_nonnulls(business_id, listing_id) = 1),
    CHECK (what IN ('registered', 'verified', 'rejected', 'erased') OR business_id IS NULL),
    CHECK (what IN ('created', 'changed', 'published', 'paused', 'archived', 'erased') OR listing_id IS NULL),
    UNIQUE (business_id, version),
    UNIQUE (listing_id, version)
);
COMMENT ON TABLE history IS 'Who changed what and when, and which operator sat beside them; one row per version of a business or listing. `details`: {field: [before, after]}.';

-- History is append-only; only its texts may be emptied, when their owner asks to be forgotten.
REVOKE UPDATE, DELETE, TRUNCATE ON history FROM {role};
GRANT UPDATE (details) ON history TO {role};
REVOKE DELETE, TRUNCATE ON businesses, listings FROM {role};

CREATE TABLE posts (
    post_id      uuid PRIMARY KEY,
    name         text NOT NULL,
    region_code  text NOT NULL,
    region_level text NOT NULL CHECK (region_level IN ('district', 'village')),
    region_name  text NOT NULL
);
COMMENT ON TABLE posts IS 'Projection of posyantek.post_registered. Nothing refers to it, so that it can be rebuilt.';

CREATE TABLE machine_owned (
    pledge_id     uuid PRIMARY KEY,
    account_id    uuid NOT NULL,
    technology_id uuid NOT NULL,
    post_id       uuid NOT NULL
);
COMMENT ON TABLE machine_owned IS 'Projection of pools.machine_owned: who works with a machine bought together. Gives the badge "Dibuat dengan TTG".';
CREATE INDEX machine_owned_by ON machine_owned (account_id);
