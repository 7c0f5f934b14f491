-- The gradebook. A grading that is done is never changed. Of an upload, the last intake tells whose it is and when it came.
CREATE TABLE course (
    edition INTEGER NOT NULL -- of the course, when the gradebook was created; gradebooks of the first edition have no such table
);

CREATE TABLE students (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    ids TEXT -- JSON: the roster's other columns; NULL for who is on no roster
) WITHOUT ROWID;

-- What can be graded: a section's file, by the hash of its name and bytes. Two people with the same file share its grade.
CREATE TABLE contents (
    content TEXT PRIMARY KEY,
    section TEXT NOT NULL,
    filename TEXT NOT NULL,
    source BLOB NOT NULL -- zlib
) WITHOUT ROWID;

-- Attempts: who handed in what. The same file of the same person in the same upload is no new attempt.
CREATE TABLE submissions (
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL REFERENCES students,
    section TEXT NOT NULL,
    content TEXT NOT NULL REFERENCES contents,
    place TEXT NOT NULL,
    late INTEGER NOT NULL, -- seconds after the deadline of the platform; 1 if it only says that it is late
    submitted TEXT, -- ISO 8601, if it is known
    sequence INTEGER NOT NULL,
    seen TEXT NOT NULL,
    upload TEXT NOT NULL, -- a system's number, or a hash of the place
    clock TEXT NOT NULL DEFAULT '', -- who tells the time
    UNIQUE (student, section, content, upload)
);
CREATE INDEX uploads ON submissions (upload);

-- Gradings: to be done while report is NULL, being done while batch is set besides, done once there is a report.
CREATE TABLE gradings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content TEXT NOT NULL REFERENCES contents,
    section TEXT NOT NULL,
    weight REAL NOT NULL, -- the longest first
    reason TEXT NOT NULL,
    batch INTEGER REFERENCES batches,
    status TEXT,
    points REAL,
    max_points REAL,
    report TEXT,
    environment TEXT,
    seconds REAL,
    tries INTEGER,
    finished TEXT
);
CREATE UNIQUE INDEX one_open_grading ON gradings (content) WHERE report IS NULL;
CREATE INDEX open_gradings ON gradings (weight DESC, id) WHERE report IS NULL;
CREATE INDEX claimed_gradings ON gradings (batch) WHERE report IS NULL AND batch IS NOT NULL;
CREATE INDEX done_gradings ON gradings (content, id) WHERE report IS NOT NULL;

-- The grade of a content: its last grading, but none in which the grader failed if there is any other.
CREATE VIEW grades AS
SELECT * FROM gradings AS one
WHERE id = (
    SELECT other.id FROM gradings AS other
    WHERE other.content = one.content AND other.report IS NOT NULL
    ORDER BY other.status = 'grader_error', other.id DESC LIMIT 1
);

CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started TEXT NOT NULL,
    process INTEGER NOT NULL
);

-- Whose a file or folder is, as the instructor says; the section is empty if its name tells it.
CREATE TABLE assigned (
    place TEXT PRIMARY KEY,
    student TEXT NOT NULL,
    section TEXT NOT NULL
) WITHOUT ROWID;

-- The last command that graded a folder, for each folder and the sections that the command named.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder TEXT NOT NULL,
    sections TEXT NOT NULL,
    options TEXT NOT NULL, -- JSON
    UNIQUE (folder, sections)
);

-- What the last intake of a folder could not take, or wants to be looked at.
CREATE TABLE troubles (
    folder TEXT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    reason TEXT NOT NULL,
    student TEXT NOT NULL,
    section TEXT NOT NULL
);

-- The audit trail of adjustments in policy.toml: when each was first met, and when it was gone again.
CREATE TABLE adjustments (
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    section TEXT NOT NULL,
    points REAL NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT
);
