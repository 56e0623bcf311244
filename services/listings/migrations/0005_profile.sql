-- The profile of a business: where it is and when it is open, its permits, and who runs it beside its owner.

ALTER TABLE businesses
    ADD COLUMN address   text CHECK (length(address) BETWEEN 1 AND 200),
    ADD COLUMN open_days smallint[] CHECK (
        cardinality(open_days) BETWEEN 1 AND 7 AND open_days <@ '{1,2,3,4,5,6,7}'::smallint[]
        AND array_position(open_days, NULL) IS NULL
    ),
    ADD COLUMN opens     text CHECK (opens ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    ADD COLUMN closes    text CHECK (closes ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    ADD COLUMN halal     boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT businesses_hours_whole CHECK (num_nonnulls(open_days, opens, closes) IN (0, 3)),
    ADD CONSTRAINT businesses_hours_last CHECK (opens <> closes),
    ADD CONSTRAINT businesses_profile_erased CHECK (erased_at IS NULL OR (num_nonnulls(address, open_days) = 0 AND NOT halal));
COMMENT ON COLUMN businesses.open_days IS '1 is Monday (ISO 8601). No hours at all: by appointment. `closes` before `opens`: past midnight.';
COMMENT ON COLUMN businesses.halal IS 'Whether a halal permit is there and was checked; repeated from permits, so that a search needs no join.';

ALTER TABLE history
    DROP CONSTRAINT history_check1,
    ADD CONSTRAINT history_of_business CHECK (
        what IN ('registered', 'verified', 'rejected', 'changed', 'permit_changed', 'permit_removed', 'permit_checked',
                 'manager_added', 'manager_removed', 'erased')
        OR business_id IS NULL
    );

CREATE TABLE permits (
    business_id uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('nib', 'pirt', 'halal')),
    post_id     uuid NOT NULL,
    number      text NOT NULL,
    since       timestamptz NOT NULL,
    entered_by  uuid NOT NULL,
    assisted_by uuid,
    checked_on  date,
    checked_by  uuid,
    PRIMARY KEY (business_id, kind),
    FOREIGN KEY (business_id, post_id) REFERENCES businesses (id, post_id),
    CHECK ((checked_on IS NULL) = (checked_by IS NULL)),
    CHECK (number ~ CASE kind WHEN 'nib' THEN '^[0-9]{13}$' WHEN 'pirt' THEN '^[0-9]{15}$' ELSE '^ID[0-9]{17}$' END),
    CONSTRAINT permits_two_people CHECK (checked_by <> entered_by AND (assisted_by IS NULL OR checked_by <> assisted_by))
);
COMMENT ON TABLE permits IS 'The permits that a business says it has: NIB, P-IRT, halal certificate. `since`: when this number was entered; `checked_on`: the day (WIB) on which an operator compared it with the paper.';
CREATE INDEX permits_unchecked ON permits (post_id, since, business_id, kind) WHERE checked_on IS NULL;

CREATE TABLE managers (
    business_id uuid NOT NULL REFERENCES businesses (id),
    account_id  uuid NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (business_id, account_id)
);
COMMENT ON TABLE managers IS 'Who may do for a business and its listings what its owner may, but for inviting and removing others.';
CREATE INDEX managers_of_account ON managers (account_id, business_id);

CREATE TABLE invitations (
    code_hash   bytea PRIMARY KEY CHECK (length(code_hash) = 32),
    business_id uuid NOT NULL REFERENCES businesses (id),
    expires_at  timestamptz NOT NULL
);
COMMENT ON TABLE invitations IS 'Open invitations to run a business, by the SHA-256 of their code. One that is accepted or withdrawn is gone.';
CREATE INDEX invitations_of_business ON invitations (business_id);

REVOKE TRUNCATE ON permits, managers, invitations FROM {role};
REVOKE UPDATE ON managers, invitations FROM {role};

-- Listings repeat halal, as they repeat name and place.
CREATE OR REPLACE FUNCTION copy_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT businesses.name, businesses.whatsapp, businesses.district_code, businesses.kelurahan_code, businesses.halal, posts.name,
           EXISTS (SELECT FROM machine_owned WHERE account_id = businesses.owner_account_id)
    INTO NEW.business_name, NEW.whatsapp, NEW.district_code, NEW.village_code, NEW.halal, NEW.post_name, NEW.made_with_ttg
    FROM businesses LEFT JOIN posts ON posts.post_id = businesses.post_id WHERE businesses.id = NEW.business_id;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION tell_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE listings SET business_name = NEW.name, whatsapp = NEW.whatsapp, district_code = NEW.district_code,
        village_code = NEW.kelurahan_code, halal = NEW.halal
    WHERE business_id = NEW.id;
    RETURN NULL;
END
$$;
DROP TRIGGER told ON businesses;
CREATE TRIGGER told AFTER UPDATE OF name, whatsapp, kelurahan_code, district_code, halal ON businesses FOR EACH ROW
    WHEN ((OLD.name, OLD.whatsapp, OLD.kelurahan_code, OLD.district_code, OLD.halal)
          IS DISTINCT FROM (NEW.name, NEW.whatsapp, NEW.kelurahan_code, NEW.district_code, NEW.halal))
    EXECUTE FUNCTION tell_listings();
