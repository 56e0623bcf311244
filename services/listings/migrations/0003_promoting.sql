-- What helps a product to be seen and sold: promotions, campaigns of a post, figures without cookies, and enquiries.

-- Trusted since PostgreSQL 13, so whoever may create in this database may have it. It lets one constraint compare an id
-- for equality and a span of time for overlap.
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;

CREATE TABLE promotions (
    id           uuid PRIMARY KEY,
    listing_id   uuid NOT NULL REFERENCES listings (id),
    price_idr    bigint NOT NULL CHECK (price_idr BETWEEN 1 AND 99999999999999),
    starts_at    timestamptz NOT NULL,
    ends_at      timestamptz NOT NULL,
    cancelled_at timestamptz,
    told_at      timestamptz,
    account_id   uuid NOT NULL,
    assisted_by  uuid,
    runs_until   timestamptz NOT NULL GENERATED ALWAYS AS (
        CASE WHEN cancelled_at IS NULL THEN ends_at ELSE greatest(starts_at, cancelled_at) END
    ) STORED,
    CHECK (ends_at > starts_at AND ends_at - starts_at <= interval '1440 hours'),
    CHECK (cancelled_at < ends_at),
    CONSTRAINT promotions_one_at_a_time EXCLUDE USING gist (listing_id WITH =, tstzrange(starts_at, runs_until) WITH &&)
);
COMMENT ON TABLE promotions IS 'A lower price of a listing for a time, in whole rupiah; one at a time. `runs_until`: its end, or when it was ended early; equal to `starts_at` if that was before it began. `told_at`: when others were told that it runs. `account_id`, `assisted_by`: who planned it.';
CREATE INDEX promotions_of_listing ON promotions (listing_id, starts_at DESC, id DESC);
CREATE INDEX promotions_to_tell ON promotions (ends_at) WHERE told_at IS NULL AND cancelled_at IS NULL;
REVOKE UPDATE, DELETE, TRUNCATE ON promotions FROM {role};
GRANT UPDATE (cancelled_at, told_at) ON promotions TO {role};

CREATE TABLE campaigns (
    id          uuid PRIMARY KEY,
    post_id     uuid NOT NULL,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80),
    title       text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    about       text CHECK (length(about) BETWEEN 1 AND 2000),
    place       text NOT NULL CHECK (length(place) BETWEEN 1 AND 120),
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    created_by  uuid NOT NULL,
    changed_by  uuid NOT NULL,
    status      text NOT NULL CHECK (status IN ('announced', 'cancelled')),
    version     integer NOT NULL CHECK (version > 0),
    CHECK (ends_at > starts_at AND ends_at - starts_at <= interval '2208 hours')
);
COMMENT ON TABLE campaigns IS 'A bazaar or season of selling that a post holds. Whether it is coming, running or over is told by the clock. `created_by`, `changed_by`: the operators who announced it and changed it last.';
CREATE INDEX campaigns_coming ON campaigns (starts_at, id) WHERE status = 'announced';
CREATE INDEX campaigns_of_post ON campaigns (post_id, starts_at, id) WHERE status = 'announced';
REVOKE DELETE, TRUNCATE ON campaigns FROM {role};

CREATE TABLE campaign_listings (
    campaign_id  uuid REFERENCES campaigns (id),
    listing_id   uuid REFERENCES listings (id),
    joined_at    timestamptz NOT NULL,
    taken_out_at timestamptz,
    taken_out_by uuid,
    PRIMARY KEY (campaign_id, listing_id),
    CHECK ((taken_out_at IS NULL) = (taken_out_by IS NULL))
);
COMMENT ON TABLE campaign_listings IS 'Which products take part in a campaign. A product that an operator took out stays here, so that its owner cannot put it back in.';
CREATE INDEX campaign_listings_of_listing ON campaign_listings (listing_id);
REVOKE TRUNCATE ON campaign_listings FROM {role};

CREATE TABLE listing_attention (
    listing_id uuid REFERENCES listings (id),
    day        date,
    what       text CHECK (what IN ('view', 'share', 'whatsapp', 'qr')),
    n          integer NOT NULL CHECK (n BETWEEN 1 AND 1000000000),
    PRIMARY KEY (listing_id, day, what)
);
COMMENT ON TABLE listing_attention IS 'How often a product was seen, shared, asked about and scanned, per day in Jakarta. Counts alone: nothing tells who it was.';
REVOKE DELETE, TRUNCATE ON listing_attention FROM {role};

CREATE TABLE business_attention (
    business_id uuid REFERENCES businesses (id),
    day         date,
    what        text CHECK (what IN ('view', 'share', 'whatsapp', 'qr')),
    n           integer NOT NULL CHECK (n BETWEEN 1 AND 1000000000),
    PRIMARY KEY (business_id, day, what)
);
COMMENT ON TABLE business_attention IS 'How often a business''s page was seen, shared, asked about and scanned, per day in Jakarta. Counts alone.';
REVOKE DELETE, TRUNCATE ON business_attention FROM {role};

CREATE TABLE enquiries (
    id         uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings (id),
    reference  text NOT NULL UNIQUE CHECK (reference ~ '^UB-[2-9A-HJKMNP-TV-Z]{5}$'),
    units      integer NOT NULL CHECK (units BETWEEN 1 AND 9999),
    variant    text CHECK (length(variant) BETWEEN 1 AND 60),
    price_idr  bigint NOT NULL CHECK (price_idr BETWEEN 1 AND 99999999999999),
    at         timestamptz NOT NULL,
    outcome    text CHECK (outcome IN ('sold', 'not_sold')),
    outcome_at timestamptz,
    CHECK ((outcome IS NULL) = (outcome_at IS NULL))
);
COMMENT ON TABLE enquiries IS 'Somebody went to the seller''s WhatsApp with an order in mind: what, how many, and the price of one in whole rupiah that they saw. Nobody''s name or number. `outcome`: what the owner says became of it. An order proper will name the enquiry that it came from.';
CREATE INDEX enquiries_of_listing ON enquiries (listing_id, id DESC);
CREATE INDEX enquiries_by_day ON enquiries (listing_id, at);
REVOKE UPDATE, DELETE, TRUNCATE ON enquiries FROM {role};
GRANT UPDATE (outcome, outcome_at) ON enquiries TO {role};
