-- Posts and the people who serve at them. Regions are not here: they come with the program (services/posyantek/regions.py).

CREATE TABLE posts (
    id            uuid PRIMARY KEY,
    slug          text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 160),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    region_code   text NOT NULL UNIQUE CHECK (region_code ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}(\.[0-9]{4})?$'),
    address       text CHECK (length(address) BETWEEN 1 AND 2000),
    whatsapp      text CHECK (whatsapp ~ '^\+[1-9][0-9]{6,14}$'),
    hours         text CHECK (length(hours) BETWEEN 1 AND 120),
    pilot         boolean NOT NULL DEFAULT false,
    registered_by uuid,
    registered_at timestamptz NOT NULL
);
COMMENT ON TABLE posts IS 'One Posyantek per kecamatan or kelurahan (`region_code`, Kemendagri). `registered_by` is empty where the installation brought the post along.';

CREATE TABLE officers (
    id           uuid PRIMARY KEY,
    post_id      uuid NOT NULL REFERENCES posts (id),
    account_id   uuid NOT NULL,
    role         text NOT NULL CHECK (role IN ('operator', 'chair', 'treasurer')),
    appointed_by uuid,
    appointed_at timestamptz NOT NULL,
    dismissed_by uuid,
    dismissed_at timestamptz CHECK (dismissed_at >= appointed_at),
    CHECK (dismissed_by IS NULL OR dismissed_at IS NOT NULL)
);
COMMENT ON TABLE officers IS 'Who served at a post in which role, from when to when. Serving now: `dismissed_at` is empty.';
CREATE UNIQUE INDEX officers_serving ON officers (post_id, account_id, role) WHERE dismissed_at IS NULL;
CREATE INDEX officers_of_post ON officers (post_id, id);

-- A post's history stays: nothing is ever removed.
REVOKE DELETE, TRUNCATE ON posts, officers FROM {role};
