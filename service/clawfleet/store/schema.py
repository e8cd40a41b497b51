"""The tables of `gateway.sqlite`, as the list of scripts that made them. A script that was released never changes."""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        key             TEXT PRIMARY KEY,
        session_id      TEXT NOT NULL UNIQUE,
        agent_id        TEXT NOT NULL,
        created_at_ms   INTEGER NOT NULL,
        updated_at_ms   INTEGER NOT NULL,
        title           TEXT,
        preview         TEXT,
        model           TEXT,
        input_tokens    INTEGER NOT NULL DEFAULT 0,
        output_tokens   INTEGER NOT NULL DEFAULT 0,
        ephemeral       INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX sessions_by_time ON sessions (updated_at_ms DESC);

    CREATE TABLE entries (
        session_id      TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
        seq             INTEGER NOT NULL,
        entry_id        TEXT NOT NULL UNIQUE,
        run_id          TEXT,
        at_ms           INTEGER NOT NULL,
        message         TEXT NOT NULL,
        meta            TEXT,
        PRIMARY KEY (session_id, seq)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE inputs (
        run_id          TEXT PRIMARY KEY,
        idempotency_key TEXT NOT NULL UNIQUE,
        session_key     TEXT NOT NULL,
        session_id      TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
        agent_id        TEXT NOT NULL,
        entry_id        TEXT NOT NULL,
        text            TEXT NOT NULL,
        model           TEXT,
        delivery        TEXT,
        state           TEXT NOT NULL,
        reply           TEXT,
        accepted_at_ms  INTEGER NOT NULL,
        settled_at_ms   INTEGER
    ) STRICT;
    CREATE INDEX inputs_open ON inputs (state) WHERE state IN ('accepted', 'answered');
    CREATE INDEX inputs_by_session ON inputs (session_id);

    CREATE TABLE pairing_requests (
        channel         TEXT NOT NULL,
        account         TEXT NOT NULL,
        sender_id       TEXT NOT NULL,
        code            TEXT NOT NULL,
        meta_json       TEXT NOT NULL,
        created_at_ms   INTEGER NOT NULL,
        last_seen_at_ms INTEGER NOT NULL,
        PRIMARY KEY (channel, account, sender_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE pairing_approved (
        channel         TEXT NOT NULL,
        account         TEXT NOT NULL,
        sender_id       TEXT NOT NULL,
        approved_at_ms  INTEGER NOT NULL,
        PRIMARY KEY (channel, account, sender_id)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE kept_answers (
        method          TEXT NOT NULL,
        key             TEXT NOT NULL,
        digest          TEXT NOT NULL,
        answer          TEXT NOT NULL,
        at_ms           INTEGER NOT NULL,
        PRIMARY KEY (method, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX kept_answers_by_time ON kept_answers (at_ms);
    """,
    """
    CREATE TABLE preferences (
        owner           TEXT NOT NULL,
        name            TEXT NOT NULL,
        value           TEXT NOT NULL,
        PRIMARY KEY (owner, name)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE sessions ADD COLUMN started_at_ms    INTEGER;
    ALTER TABLE sessions ADD COLUMN asked_at_ms      INTEGER;
    ALTER TABLE sessions ADD COLUMN created_via      TEXT NOT NULL DEFAULT 'run';
    ALTER TABLE sessions ADD COLUMN parent_key       TEXT;
    ALTER TABLE sessions ADD COLUMN label            TEXT;
    ALTER TABLE sessions ADD COLUMN category         TEXT;
    ALTER TABLE sessions ADD COLUMN icon             TEXT;
    ALTER TABLE sessions ADD COLUMN color            TEXT;
    ALTER TABLE sessions ADD COLUMN chosen_model     TEXT;
    ALTER TABLE sessions ADD COLUMN thinking         TEXT;
    ALTER TABLE sessions ADD COLUMN archived_at_ms   INTEGER;
    ALTER TABLE sessions ADD COLUMN pinned_at_ms     INTEGER;
    ALTER TABLE sessions ADD COLUMN unread           INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN closed_at_ms     INTEGER;
    ALTER TABLE sessions ADD COLUMN compactions      INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN context_used     INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN run_id           TEXT;
    ALTER TABLE sessions ADD COLUMN run_state        TEXT;
    ALTER TABLE sessions ADD COLUMN run_error        TEXT;
    ALTER TABLE sessions ADD COLUMN run_started_ms   INTEGER;
    ALTER TABLE sessions ADD COLUMN run_ended_ms     INTEGER;
    UPDATE sessions SET started_at_ms = created_at_ms, asked_at_ms = updated_at_ms;
    CREATE INDEX sessions_by_parent ON sessions (parent_key) WHERE parent_key IS NOT NULL;
    """,
    """
    CREATE TABLE devices (
        device_id       TEXT PRIMARY KEY,
        public_key      TEXT NOT NULL,
        platform        TEXT NOT NULL,
        device_family   TEXT,
        client_id       TEXT NOT NULL,
        client_mode     TEXT NOT NULL,
        display_name    TEXT,
        remote_ip       TEXT,
        label           TEXT,
        roles           TEXT NOT NULL,
        scopes          TEXT NOT NULL,
        approved_via    TEXT NOT NULL,
        created_at_ms   INTEGER NOT NULL,
        approved_at_ms  INTEGER NOT NULL,
        last_seen_at_ms INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE device_tokens (
        device_id       TEXT NOT NULL REFERENCES devices (device_id) ON DELETE CASCADE,
        role            TEXT NOT NULL,
        scopes          TEXT NOT NULL,
        salt            TEXT NOT NULL,
        digest          TEXT NOT NULL UNIQUE,
        created_at_ms   INTEGER NOT NULL,
        rotated_at_ms   INTEGER,
        revoked_at_ms   INTEGER,
        last_used_at_ms INTEGER,
        PRIMARY KEY (device_id, role)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE device_requests (
        request_id      TEXT PRIMARY KEY,
        device_id       TEXT NOT NULL UNIQUE,
        role            TEXT NOT NULL,
        roles           TEXT NOT NULL,
        scopes          TEXT NOT NULL,
        is_repair       INTEGER NOT NULL,
        at_ms           INTEGER NOT NULL,
        public_key      TEXT NOT NULL,
        platform        TEXT NOT NULL,
        device_family   TEXT,
        client_id       TEXT NOT NULL,
        client_mode     TEXT NOT NULL,
        display_name    TEXT,
        remote_ip       TEXT
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE auth_profiles (
        owner           TEXT NOT NULL,
        profile_id      TEXT NOT NULL,
        credential      TEXT NOT NULL,
        updated_at_ms   INTEGER NOT NULL,
        PRIMARY KEY (owner, profile_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE auth_orders (
        owner           TEXT NOT NULL,
        provider        TEXT NOT NULL,
        profile_ids     TEXT NOT NULL,
        PRIMARY KEY (owner, provider)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE auth_health (
        owner           TEXT NOT NULL,
        credential_id   TEXT NOT NULL,
        health          TEXT NOT NULL,
        PRIMARY KEY (owner, credential_id)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE inputs ADD COLUMN requester        TEXT;
    ALTER TABLE sessions ADD COLUMN elevated       TEXT;
    ALTER TABLE sessions ADD COLUMN exec_host      TEXT;
    ALTER TABLE sessions ADD COLUMN exec_node      TEXT;
    ALTER TABLE sessions ADD COLUMN send_policy    TEXT;
    ALTER TABLE sessions ADD COLUMN response_usage TEXT;
    """,
    """
    CREATE TABLE spawns (
        run_id          TEXT PRIMARY KEY,
        key             TEXT NOT NULL UNIQUE,
        by_key          TEXT NOT NULL,
        agent_id        TEXT NOT NULL,
        by_agent        TEXT NOT NULL,
        task            TEXT NOT NULL,
        depth           INTEGER NOT NULL,
        task_name       TEXT,
        label           TEXT,
        model           TEXT,
        caps            TEXT,
        delivery        TEXT,
        requester       TEXT,
        announces       INTEGER NOT NULL,
        cleanup         TEXT NOT NULL,
        state           TEXT NOT NULL,
        result          TEXT NOT NULL,
        error           TEXT,
        tokens_in       INTEGER NOT NULL,
        tokens_out      INTEGER NOT NULL,
        created_at_ms   INTEGER NOT NULL,
        ended_at_ms     INTEGER,
        announced_at_ms INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX spawns_by_key ON spawns (by_key, created_at_ms);
    """,
    """
    CREATE TABLE progress_cards (
        key             TEXT PRIMARY KEY,
        revision        INTEGER NOT NULL,
        updated_at_ms   INTEGER NOT NULL,
        markdown        TEXT NOT NULL,
        steps           TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    ALTER TABLE sessions ADD COLUMN verbose        TEXT;
    ALTER TABLE sessions ADD COLUMN reasoning      TEXT;
    """,
)
