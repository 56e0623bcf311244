-- Which machine a product is made with, as its owner says; and who lets others come and see theirs.

CREATE TABLE technologies (
    technology_id uuid PRIMARY KEY,
    slug          text NOT NULL,
    name_id       text NOT NULL,
    name_en       text NOT NULL
);
COMMENT ON TABLE technologies IS 'Projection of offers.technology_published: what the machines that owners have are called.';

ALTER TABLE businesses
    ADD COLUMN welcomes_visits boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT businesses_visits_erased CHECK (erased_at IS NULL OR NOT welcomes_visits);
COMMENT ON COLUMN businesses.welcomes_visits IS 'Whether other UKM may be told that a machine can be seen at work here. Only its own people say so.';

ALTER TABLE listings ADD COLUMN claims_ttg boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN listings.claims_ttg IS 'False: its owner has a machine bought together, but makes this product without it, so it carries no badge.';

CREATE INDEX machine_owned_of_technology ON machine_owned (technology_id, account_id);

-- The badge needs both: the machine, and the owner's word that this product is made with it.
CREATE OR REPLACE FUNCTION copy_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT businesses.name, businesses.whatsapp, businesses.district_code, businesses.kelurahan_code, businesses.halal, posts.name,
           NEW.claims_ttg AND EXISTS (SELECT FROM machine_owned WHERE account_id = businesses.owner_account_id)
    INTO NEW.business_name, NEW.whatsapp, NEW.district_code, NEW.village_code, NEW.halal, NEW.post_name, NEW.made_with_ttg
    FROM businesses LEFT JOIN posts ON posts.post_id = businesses.post_id WHERE businesses.id = NEW.business_id;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION badge_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE listings SET made_with_ttg = true FROM businesses
    WHERE businesses.id = business_id AND owner_account_id = NEW.account_id AND claims_ttg AND NOT made_with_ttg;
    RETURN NULL;
END
$$;
CREATE FUNCTION claim_badge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.made_with_ttg := NEW.claims_ttg AND EXISTS (
        SELECT FROM machine_owned JOIN businesses ON account_id = owner_account_id WHERE businesses.id = NEW.business_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER claimed BEFORE UPDATE OF claims_ttg ON listings FOR EACH ROW
    WHEN (OLD.claims_ttg <> NEW.claims_ttg) EXECUTE FUNCTION claim_badge();
