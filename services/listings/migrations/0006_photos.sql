-- Photos of listings. Their files lie in a store outside the database; here is what there is and what has to go.

CREATE TABLE photos (
    id         uuid PRIMARY KEY,
    listing_id uuid NOT NULL REFERENCES listings (id),
    position   smallint NOT NULL CHECK (position BETWEEN 1 AND 8),
    alt        text CHECK (length(alt) BETWEEN 1 AND 120),
    widths     smallint[] NOT NULL,
    heights    smallint[] NOT NULL,
    sha256     bytea NOT NULL CHECK (length(sha256) = 32),
    dhash      bigint NOT NULL,
    added_at   timestamptz NOT NULL,
    CHECK (cardinality(widths) BETWEEN 1 AND 2 AND cardinality(widths) = cardinality(heights)),
    CHECK (0 < ALL (widths) AND 0 < ALL (heights)),
    CONSTRAINT photos_places UNIQUE (listing_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT photos_once UNIQUE (listing_id, sha256)
);
COMMENT ON TABLE photos IS 'A photo of a listing; that at position 1 is its cover, repeated in listings.cover. `widths`, `heights`: of the sizes that are stored, smallest first. `sha256`: of the file as it was sent. `dhash`: a 64-bit difference hash, as a signed number.';

CREATE TABLE photo_files (
    photo_id   uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    noted_at   timestamptz NOT NULL,
    sweep_at   timestamptz
);
COMMENT ON TABLE photo_files IS 'Which photos may have files in the store. Written before the first file, so that none is ever forgotten. `sweep_at`: when they are to be removed; NULL while there is a row in photos.';
CREATE INDEX photo_files_due ON photo_files (sweep_at) WHERE sweep_at IS NOT NULL;
CREATE INDEX photo_files_of_account ON photo_files (account_id, noted_at);

COMMENT ON COLUMN listings.cover IS 'The first photo as {"id", "widths", "width", "height"}, so that lists need no join; NULL without photos.';

REVOKE TRUNCATE ON photos, photo_files FROM {role};
