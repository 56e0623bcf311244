CREATE TABLE notes_heard (note_id uuid PRIMARY KEY, text text NOT NULL, version bigint NOT NULL);
CREATE TABLE secrets_heard (note_id uuid PRIMARY KEY, secret text, pinned boolean NOT NULL DEFAULT false, version bigint NOT NULL DEFAULT 0);
CREATE TABLE reactions (event_id uuid PRIMARY KEY);
CREATE TABLE bans (text text PRIMARY KEY);
