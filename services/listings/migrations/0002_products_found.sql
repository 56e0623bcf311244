-- Products in more detail, and found by misspelled words, by place and by what they are.

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

ALTER TABLE businesses ADD COLUMN district_code text CHECK (district_code ~ '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$');
UPDATE businesses SET district_code = left(region_code, 8) FROM posts WHERE posts.post_id = businesses.post_id;
ALTER TABLE businesses ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('indonesian', name), 'A') || setweight(to_tsvector('indonesian', coalesce(story, '')), 'B')
) STORED;
CREATE INDEX businesses_search ON businesses USING gin (search) WITH (fastupdate = off)
    WHERE status = 'verified' AND erased_at IS NULL;

ALTER TABLE listings
    ADD COLUMN stock         integer CHECK (stock BETWEEN 0 AND 1000000),
    ADD COLUMN ready_in_days smallint CHECK (ready_in_days BETWEEN 1 AND 90),
    ADD COLUMN variants      jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(variants) = 'array' AND jsonb_array_length(variants) <= 20),
    ADD COLUMN is_ready      boolean NOT NULL GENERATED ALWAYS AS (ready_in_days IS NULL AND stock IS DISTINCT FROM 0) STORED,
    ADD COLUMN business_name text CHECK (length(business_name) BETWEEN 1 AND 120),
    ADD COLUMN post_name     text,
    ADD COLUMN whatsapp      text,
    ADD COLUMN district_code text,
    ADD COLUMN village_code  text,
    ADD COLUMN halal         boolean NOT NULL DEFAULT false,
    ADD COLUMN made_with_ttg boolean NOT NULL DEFAULT false,
    ADD COLUMN cover         jsonb,
    ADD CHECK (stock IS NULL OR ready_in_days IS NULL);
UPDATE listings
SET business_name = businesses.name, whatsapp = businesses.whatsapp, district_code = businesses.district_code,
    village_code = businesses.kelurahan_code, post_name = posts.name,
    made_with_ttg = EXISTS (SELECT FROM machine_owned WHERE account_id = businesses.owner_account_id)
FROM businesses LEFT JOIN posts ON posts.post_id = businesses.post_id
WHERE businesses.id = listings.business_id;
ALTER TABLE listings ALTER COLUMN business_name SET NOT NULL;
COMMENT ON COLUMN listings.business_name IS 'Repeats the business''s, as whatsapp, district_code, village_code and halal do, post_name its post''s, made_with_ttg its owner''s: a list must not look each of them up. `verify` compares them.';
COMMENT ON COLUMN listings.ready_in_days IS 'Made to order within so many days; null: in stock, `stock` units of it if counted.';

-- The copies are the database's own work, so that whoever writes a listing, a business or a post keeps them right.
CREATE FUNCTION copy_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT businesses.name, businesses.whatsapp, businesses.district_code, businesses.kelurahan_code, posts.name,
           EXISTS (SELECT FROM machine_owned WHERE account_id = businesses.owner_account_id)
    INTO NEW.business_name, NEW.whatsapp, NEW.district_code, NEW.village_code, NEW.post_name, NEW.made_with_ttg
    FROM businesses LEFT JOIN posts ON posts.post_id = businesses.post_id WHERE businesses.id = NEW.business_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER copies BEFORE INSERT ON listings FOR EACH ROW EXECUTE FUNCTION copy_facts();

CREATE FUNCTION locate_business() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.district_code := coalesce(
        left(NEW.kelurahan_code, 8), (SELECT left(region_code, 8) FROM posts WHERE post_id = NEW.post_id), NEW.district_code);
    RETURN NEW;
END
$$;
CREATE TRIGGER located BEFORE INSERT OR UPDATE OF kelurahan_code ON businesses FOR EACH ROW EXECUTE FUNCTION locate_business();

CREATE FUNCTION tell_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE listings SET business_name = NEW.name, whatsapp = NEW.whatsapp, district_code = NEW.district_code,
        village_code = NEW.kelurahan_code
    WHERE business_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER told AFTER UPDATE OF name, whatsapp, kelurahan_code, district_code ON businesses FOR EACH ROW
    WHEN ((OLD.name, OLD.whatsapp, OLD.kelurahan_code, OLD.district_code)
          IS DISTINCT FROM (NEW.name, NEW.whatsapp, NEW.kelurahan_code, NEW.district_code))
    EXECUTE FUNCTION tell_listings();

CREATE FUNCTION name_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE listings SET post_name = NEW.name WHERE post_id = NEW.post_id AND post_name IS DISTINCT FROM NEW.name;
    RETURN NULL;
END
$$;
CREATE TRIGGER named AFTER INSERT OR UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION name_post();

CREATE FUNCTION badge_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE listings SET made_with_ttg = true FROM businesses
    WHERE businesses.id = business_id AND owner_account_id = NEW.account_id AND NOT made_with_ttg;
    RETURN NULL;
END
$$;
CREATE TRIGGER badges AFTER INSERT ON machine_owned FOR EACH ROW EXECUTE FUNCTION badge_listings();

DROP INDEX listings_search;
CREATE INDEX listings_search ON listings USING gin (district_code, search) WITH (fastupdate = off) WHERE status = 'published';
CREATE INDEX listings_newest_of_district ON listings (district_code, published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX listings_newest_of_city ON listings (left(district_code, 5), published_at DESC, id DESC) WHERE status = 'published';
CREATE INDEX listings_newest_halal ON listings (published_at DESC, id DESC) WHERE status = 'published' AND halal;
CREATE INDEX listings_newest_with_ttg ON listings (published_at DESC, id DESC) WHERE status = 'published' AND made_with_ttg;
CREATE INDEX listings_cheapest ON listings (price_idr, id) WHERE status = 'published';

CREATE TABLE words (
    word     text PRIMARY KEY CHECK (word ~ '^[a-z0-9]{1,40}$'),
    listings integer NOT NULL CHECK (listings > 0)
);
COMMENT ON TABLE words IS 'Words of the names of products that have been on show, and how many: for correcting and completing what is typed. Never taken back, so they count how common a word is, not what is there now.';
CREATE INDEX words_beginning ON words (word text_pattern_ops, listings);
CREATE INDEX words_alike ON words USING gin (word gin_trgm_ops);

CREATE TABLE shortened_words (
    shortened text NOT NULL,
    word      text NOT NULL REFERENCES words (word),
    PRIMARY KEY (shortened, word)
);
COMMENT ON TABLE shortened_words IS 'Each word of four letters or more, and each form of it that lacks one letter: two words one slip apart meet in one of them.';

CREATE TABLE saved_searches (
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    query      jsonb NOT NULL CHECK (jsonb_typeof(query) = 'object'),
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    UNIQUE (account_id, query)
);
COMMENT ON TABLE saved_searches IS 'What an account wants to look for again: the query''s fields, and when its results were last looked at.';
CREATE INDEX saved_searches_of_account ON saved_searches (account_id, id);
