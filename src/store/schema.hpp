#pragma once
// The tables of run.sqlite, as docs/run-folder.md describes them.

namespace cuebench {

/// "cueb": marks a file as ours whatever its name.
inline constexpr int kRunApplicationId = 0x63756562;

/// Keys are small integers, and rows of one model and variant lie together in item order: loading needs no text index,
/// and a scan needs no sort.
inline constexpr const char* kRunSchema = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE classes (class INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE models (model INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, architecture TEXT NOT NULL,
                     file TEXT NOT NULL, sha256 TEXT NOT NULL, way TEXT NOT NULL, classes INTEGER NOT NULL,
                     parameters INTEGER NOT NULL);
CREATE TABLE variants (variant INTEGER PRIMARY KEY, text TEXT NOT NULL, keeps TEXT NOT NULL);
CREATE TABLE items (item INTEGER PRIMARY KEY, id TEXT NOT NULL, label INTEGER, shape_label INTEGER,
                    texture_label INTEGER);
CREATE TABLE layers (layer INTEGER PRIMARY KEY, model INTEGER NOT NULL, name TEXT NOT NULL, channels INTEGER NOT NULL,
                     form TEXT NOT NULL);
CREATE TABLE blocks (block INTEGER PRIMARY KEY);
CREATE TABLE outcomes (variant INTEGER NOT NULL, model INTEGER NOT NULL, item INTEGER NOT NULL,
                       predicted INTEGER NOT NULL, confidence REAL NOT NULL, rank_of_label INTEGER,
                       negative_log_likelihood REAL, margin REAL, PRIMARY KEY (variant, model, item)) WITHOUT ROWID;
CREATE TABLE notes (variant INTEGER NOT NULL, item INTEGER NOT NULL, note TEXT NOT NULL,
                    PRIMARY KEY (variant, item)) WITHOUT ROWID;
CREATE TABLE channel_images (layer INTEGER NOT NULL, variant INTEGER NOT NULL, item INTEGER NOT NULL,
                             pr_total REAL NOT NULL, nr_total REAL NOT NULL, neutral_total REAL NOT NULL,
                             align_cosine REAL, align_pearson REAL, align_rel_l2 REAL, act_rel_spearman REAL,
                             PRIMARY KEY (layer, variant, item)) WITHOUT ROWID;
CREATE TABLE channel_blocks (layer INTEGER NOT NULL, variant INTEGER NOT NULL, block INTEGER NOT NULL,
                             moments BLOB NOT NULL, PRIMARY KEY (layer, variant, block)) WITHOUT ROWID;
CREATE TABLE relevance_blocks (block INTEGER PRIMARY KEY);
CREATE TABLE relevance_partials (layer INTEGER NOT NULL, block INTEGER NOT NULL, moments BLOB NOT NULL,
                                 PRIMARY KEY (layer, block)) WITHOUT ROWID;
CREATE TABLE bad_images (item INTEGER PRIMARY KEY, path TEXT NOT NULL, bytes INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE pictures (item INTEGER NOT NULL, variant INTEGER NOT NULL, png BLOB NOT NULL,
                       PRIMARY KEY (item, variant)) WITHOUT ROWID;
)sql";

}  // namespace cuebench
