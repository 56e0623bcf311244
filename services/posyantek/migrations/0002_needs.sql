-- The board of needs: which technology is needed at which post, by how many people.

CREATE TABLE technologies (
    technology_id uuid PRIMARY KEY,
    slug          text NOT NULL,
    name_id       text NOT NULL,
    name_en       text NOT NULL
);
COMMENT ON TABLE technologies IS 'The catalogue as offers tells it (offers.technology_published). Filled anew by a rebuild, so nothing references it.';

CREATE TABLE needs (
    id               uuid PRIMARY KEY,
    post_id          uuid NOT NULL REFERENCES posts (id),
    technology_id    uuid NOT NULL,
    raised_by        uuid,
    note             text CHECK (length(note) BETWEEN 1 AND 500),
    raised_at        timestamptz NOT NULL,
    state            text NOT NULL CHECK (state IN ('open', 'matured', 'closed')),
    supporters       integer NOT NULL CHECK (supporters >= 0),
    units            integer NOT NULL CHECK (units >= supporters),
    version          bigint NOT NULL CHECK (version > 0),
    matured_at       timestamptz CHECK (matured_at >= raised_at),
    closed_at        timestamptz CHECK (closed_at >= raised_at),
    closed_by        uuid,
    ending           text CHECK (ending IN ('fulfilled', 'not_feasible', 'duplicate', 'abandoned')),
    ending_words     text CHECK (length(ending_words) BETWEEN 1 AND 500),
    CHECK (state = 'closed' OR supporters > 0),
    CHECK (state <> 'matured' OR matured_at IS NOT NULL),
    CHECK (state <> 'open' OR matured_at IS NULL),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (ending IS NOT NULL)),
    CHECK (ending <> 'abandoned' OR (closed_by IS NULL AND ending_words IS NULL AND supporters = 0))
);
COMMENT ON TABLE needs IS 'A technology that people of a post need. `supporters` and `units` (wanted altogether) are counted from need_supporters; `version` counts what was said of it. `raised_by` and `note` are emptied when the person is erased.';
CREATE UNIQUE INDEX needs_standing ON needs (post_id, technology_id) WHERE state <> 'closed';
CREATE INDEX needs_newest ON needs (id DESC);
CREATE INDEX needs_most_wanted ON needs (supporters DESC, id DESC) WHERE state <> 'closed';
CREATE INDEX needs_of_technology ON needs (technology_id, id DESC);

CREATE TABLE need_supporters (
    need_id     uuid NOT NULL REFERENCES needs (id),
    account_id  uuid NOT NULL,
    units       integer NOT NULL CHECK (units BETWEEN 1 AND 100),
    assisted_by uuid,
    joined_at   timestamptz NOT NULL,
    PRIMARY KEY (need_id, account_id)
);
COMMENT ON TABLE need_supporters IS 'Who needs it, and how many units. Shown to nobody but the person. `assisted_by`: the operator who sat beside them.';
CREATE INDEX need_supporters_of_account ON need_supporters (account_id);

-- What was needed stays on record; who needed it does not.
REVOKE DELETE, TRUNCATE ON needs FROM {role};
