CREATE TABLE counted (event_id uuid PRIMARY KEY, note_id uuid NOT NULL, text text NOT NULL);
CREATE TABLE cures (id int PRIMARY KEY);
