-- Needs: who supports which, what the technologies are called, and notices to a post that lead to one thing.

ALTER TABLE subjects ADD COLUMN name_en text;
ALTER TABLE subjects DROP CONSTRAINT subjects_kind_check;
ALTER TABLE subjects ADD CONSTRAINT subjects_kind_check CHECK (kind IN ('pool', 'business', 'supplier', 'post', 'technology'));
COMMENT ON COLUMN subjects.name_en IS 'What it is called in English, where it has a name in both languages: a technology.';

CREATE TABLE need_supporters (
    need_id    uuid NOT NULL,
    account_id uuid NOT NULL,
    supports   boolean NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (need_id, account_id)
);
COMMENT ON TABLE need_supporters IS 'Who needs what, or no longer does; by the need''s newest word on the account.';

ALTER TABLE post_notices ADD COLUMN object_id uuid;
COMMENT ON COLUMN post_notices.object_id IS 'What the notice''s link leads to, where that is one thing.';
