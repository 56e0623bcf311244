CREATE TABLE notes (id uuid PRIMARY KEY, text text NOT NULL, taps int NOT NULL DEFAULT 0, most int NOT NULL DEFAULT 100);
CREATE TABLE taps (note_id uuid, number int, poison boolean NOT NULL CHECK (NOT poison), PRIMARY KEY (note_id, number));
