-- Accounts and how they are reached, how people log in, what they may do, and what they consented to.

CREATE TABLE accounts (
    id            uuid PRIMARY KEY,
    name          text CHECK (length(name) BETWEEN 1 AND 120),
    language      text NOT NULL CHECK (language IN ('id', 'en')),
    post_id       uuid,
    registered_at timestamptz NOT NULL,
    erased_at     timestamptz,
    CHECK ((name IS NULL) = (erased_at IS NOT NULL)),
    CHECK (erased_at IS NULL OR post_id IS NULL),
    CHECK (erased_at >= registered_at)
);
COMMENT ON TABLE accounts IS 'People. An erased account keeps its id alone, so that what refers to it still adds up.';
COMMENT ON COLUMN accounts.post_id IS 'The post through which the person came, if any.';

CREATE TABLE contacts (
    account_id  uuid NOT NULL REFERENCES accounts (id),
    kind        text NOT NULL CHECK (kind IN ('phone', 'email')),
    value       text NOT NULL UNIQUE,
    verified_at timestamptz,
    PRIMARY KEY (account_id, kind),
    CHECK (CASE kind WHEN 'phone' THEN value ~ '^\+[1-9][0-9]{6,14}$' ELSE value ~ '^[^@\s]+@[^@\s]+$' AND value = lower(value) END)
);
COMMENT ON TABLE contacts IS 'Where an account is reached and by what it logs in: E.164 phone or lower-case e-mail, each of one account only.';
COMMENT ON COLUMN contacts.verified_at IS 'When its holder first proved it by a code; NULL where an operator wrote it down.';

CREATE TABLE login_codes (
    challenge_id uuid PRIMARY KEY,
    purpose      text NOT NULL CHECK (purpose IN ('log-in', 'assist', 'contact')),
    contact_kind text NOT NULL CHECK (contact_kind IN ('phone', 'email')),
    contact      text NOT NULL,
    language     text NOT NULL CHECK (language IN ('id', 'en')),
    code_hash    bytea NOT NULL CHECK (length(code_hash) = 32),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    tries        smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    used_at      timestamptz,
    account_id   uuid REFERENCES accounts (id),
    requested_by uuid,
    post_id      uuid,
    CHECK (expires_at > created_at),
    CHECK (used_at < expires_at),
    CHECK ((purpose = 'log-in') = (account_id IS NULL)),
    CHECK ((purpose = 'assist') = (requested_by IS NOT NULL)),
    CHECK (purpose <> 'assist' OR post_id IS NOT NULL),
    CHECK (requested_by <> account_id)
);
COMMENT ON TABLE login_codes IS 'One-time codes, as HMAC bound to the challenge. Deleted a day after their making.';
COMMENT ON COLUMN login_codes.tries IS 'Wrong codes so far; at five the challenge is closed.';
CREATE INDEX login_codes_created ON login_codes (created_at);
CREATE INDEX login_codes_contact ON login_codes (contact);
CREATE INDEX login_codes_account ON login_codes (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE code_messages (
    challenge_id uuid PRIMARY KEY REFERENCES login_codes (challenge_id) ON DELETE CASCADE,
    state        text NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'late')),
    sealed_code  bytea,
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    send_at      timestamptz NOT NULL,
    reference    text,
    reason       text,
    CHECK ((state = 'waiting') = (sealed_code IS NOT NULL)),
    CHECK ((state = 'sent') = (reference IS NOT NULL))
);
COMMENT ON TABLE code_messages IS 'The intent to send a code, and what became of it. The code is kept encrypted, and only until it is sent.';
COMMENT ON COLUMN code_messages.send_at IS 'When to try (again). Moved ahead while a try is in hand, so that a crash only delays it.';
CREATE INDEX code_messages_due ON code_messages (send_at) WHERE state = 'waiting';

CREATE TABLE code_requests (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_digest bytea NOT NULL CHECK (length(contact_digest) = 32),
    caller_digest  bytea CHECK (length(caller_digest) = 32),
    at             timestamptz NOT NULL
);
COMMENT ON TABLE code_requests IS 'Codes asked for, to limit the rate. Contacts and callers are keyed digests. Deleted after a day.';
CREATE INDEX code_requests_contact ON code_requests (contact_digest, at);
CREATE INDEX code_requests_caller ON code_requests (caller_digest, at);
CREATE INDEX code_requests_at ON code_requests (at);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id),
    token_sha256 bytea NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    challenge_id uuid NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    end_reason   text CHECK (end_reason IN ('logged-out', 'rotated', 'revoked', 'erased')),
    CHECK (expires_at > created_at),
    CHECK (last_seen_at >= created_at),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
COMMENT ON TABLE sessions IS 'Who is logged in. The token itself is with the browser alone. One code opens one session.';
CREATE INDEX sessions_account ON sessions (account_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE grants (
    account_id uuid NOT NULL REFERENCES accounts (id),
    role       text NOT NULL,
    scope_kind text NOT NULL,
    scope_id   uuid NOT NULL,
    granted_at timestamptz NOT NULL,
    granted_by uuid,
    cause      text NOT NULL,
    cause_id   uuid,
    PRIMARY KEY (account_id, role, scope_kind, scope_id),
    CHECK ((role, scope_kind) IN (('operator', 'post'), ('chair', 'post'), ('treasurer', 'post'), ('treasurer', 'group'),
        ('owner', 'business'), ('supplier', 'supplier'), ('initiator', 'group'), ('officer', 'province')))
);
COMMENT ON TABLE grants IS 'What accounts may be over what, now. What was granted and revoked before is in the log of events.';
COMMENT ON COLUMN grants.cause IS 'Why: the type of the event heard, "officer" for a province officer''s own decision, "seed" for the first ones.';
COMMENT ON COLUMN grants.cause_id IS 'The event''s id, where one was the cause.';
CREATE INDEX grants_scope ON grants (role, scope_id);

CREATE TABLE consents (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id),
    purpose      text NOT NULL CHECK (purpose IN ('account', 'assistance')),
    text_version integer NOT NULL CHECK (text_version > 0),
    recorded_by  uuid NOT NULL,
    at           timestamptz NOT NULL
);
COMMENT ON TABLE consents IS 'Proof of consent: who agreed to which words, and who wrote it down (the person, or the operator beside them).';
CREATE INDEX consents_account ON consents (account_id, id);

CREATE TABLE assistances (
    id                  uuid PRIMARY KEY,
    account_id          uuid NOT NULL REFERENCES accounts (id),
    operator_account_id uuid NOT NULL,
    post_id             uuid NOT NULL,
    consent_id          uuid NOT NULL UNIQUE REFERENCES consents (id),
    challenge_id        uuid NOT NULL UNIQUE,
    at                  timestamptz NOT NULL,
    CHECK (account_id <> operator_account_id)
);
COMMENT ON TABLE assistances IS 'Every time an operator was let act for a person: with which consent, by which code, when.';
CREATE INDEX assistances_account ON assistances (account_id, at);
CREATE INDEX assistances_operator ON assistances (operator_account_id, at);

CREATE TABLE dev_messages (
    id           uuid PRIMARY KEY,
    challenge_id uuid NOT NULL,
    recipient    text NOT NULL,
    text         text NOT NULL,
    code         text NOT NULL,
    at           timestamptz NOT NULL
);
COMMENT ON TABLE dev_messages IS 'The message box of a developer''s or demo machine, with codes in the clear. Never written in production.';
CREATE INDEX dev_messages_recipient ON dev_messages (recipient, id DESC);

-- What proves something is never changed, neither by the service nor by hand.
REVOKE UPDATE, DELETE, TRUNCATE ON consents, assistances FROM {role};

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER consents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assistances_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON assistances
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
