#include "schema.hpp"

namespace cuebench {

// Keys are small integers: a text index would cost ten times the insert. Tables that are scanned by (model, variant)
// are clustered in that order, so that a scan in item order sorts nothing.
const char* create_tables_sql() {
  return R"sql(
CREATE TABLE run(
  configuration TEXT NOT NULL,
  block_size    INTEGER NOT NULL,
  has_cues      INTEGER NOT NULL
);
CREATE TABLE classes(class INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE models(
  model        INTEGER PRIMARY KEY,
  name         TEXT NOT NULL,
  role         TEXT NOT NULL,
  architecture TEXT NOT NULL,
  file         TEXT NOT NULL,
  sha256       TEXT NOT NULL,
  way          TEXT NOT NULL,
  classes      INTEGER NOT NULL,
  parameters   INTEGER NOT NULL
);
CREATE TABLE variants(variant INTEGER PRIMARY KEY, name TEXT NOT NULL, keeps TEXT NOT NULL);
CREATE TABLE layers(
  layer    INTEGER PRIMARY KEY,
  model    INTEGER NOT NULL,
  name     TEXT NOT NULL,
  channels INTEGER NOT NULL,
  form     TEXT NOT NULL
);
CREATE TABLE items(
  item          INTEGER PRIMARY KEY,
  id            TEXT NOT NULL,
  label         INTEGER,
  shape_label   INTEGER,
  texture_label INTEGER
);
CREATE TABLE blocks(block INTEGER PRIMARY KEY);
CREATE TABLE outcomes(
  variant                 INTEGER NOT NULL,
  model                   INTEGER NOT NULL,
  item                    INTEGER NOT NULL,
  predicted               INTEGER NOT NULL,
  confidence              REAL,
  rank_of_label           INTEGER,
  negative_log_likelihood REAL,
  margin                  REAL,
  PRIMARY KEY(variant, model, item)
) WITHOUT ROWID;
CREATE TABLE notes(
  variant INTEGER NOT NULL,
  item    INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  note    TEXT NOT NULL,
  PRIMARY KEY(variant, item, number)
) WITHOUT ROWID;
CREATE TABLE bad_images(item INTEGER PRIMARY KEY, path TEXT NOT NULL, bytes INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE channel_images(
  layer            INTEGER NOT NULL,
  variant          INTEGER NOT NULL,
  item             INTEGER NOT NULL,
  pr_total         REAL,
  nr_total         REAL,
  neutral_total    REAL,
  align_cosine     REAL,
  align_pearson    REAL,
  align_rel_l2     REAL,
  act_rel_spearman REAL,
  PRIMARY KEY(layer, variant, item)
) WITHOUT ROWID;
CREATE TABLE channel_blocks(
  layer   INTEGER NOT NULL,
  variant INTEGER NOT NULL,
  block   INTEGER NOT NULL,
  sums    BLOB NOT NULL,
  PRIMARY KEY(layer, variant, block)
);
CREATE TABLE relevance_blocks(block INTEGER PRIMARY KEY);
CREATE TABLE relevance(
  layer INTEGER NOT NULL,
  block INTEGER NOT NULL,
  sums  BLOB NOT NULL,
  PRIMARY KEY(layer, block)
);
CREATE TABLE interventions(
  intervention INTEGER PRIMARY KEY,
  layer        INTEGER NOT NULL,
  action       TEXT NOT NULL,
  of           TEXT NOT NULL,
  setting      REAL NOT NULL,
  draw         INTEGER
);
CREATE TABLE intervention_blocks(
  intervention INTEGER NOT NULL,
  variant      INTEGER NOT NULL,
  block        INTEGER NOT NULL,
  images       INTEGER NOT NULL,
  right_before INTEGER NOT NULL,
  right_after  INTEGER NOT NULL,
  right_both   INTEGER NOT NULL,
  PRIMARY KEY(intervention, variant, block)
) WITHOUT ROWID;
CREATE TABLE aggregation_blocks(
  variant     INTEGER NOT NULL,
  model       INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  block       INTEGER NOT NULL,
  aggregation TEXT NOT NULL,
  labelled    INTEGER NOT NULL,
  right       INTEGER NOT NULL,
  shape       INTEGER NOT NULL,
  texture     INTEGER NOT NULL,
  conflict    INTEGER NOT NULL,
  PRIMARY KEY(variant, model, number, block)
) WITHOUT ROWID;
CREATE TABLE pictures(
  item    INTEGER NOT NULL,
  variant INTEGER NOT NULL,
  png     BLOB NOT NULL,
  PRIMARY KEY(item, variant)
);
CREATE VIEW outcomes_by_name AS
  SELECT models.name AS model, variants.name AS variant, items.id AS image,
         truth.name AS label, guess.name AS predicted, outcomes.predicted = items.label AS correct,
         confidence, rank_of_label, negative_log_likelihood, margin
    FROM outcomes
    JOIN models USING (model)
    JOIN variants USING (variant)
    JOIN items USING (item)
    LEFT JOIN classes AS truth ON truth.class = items.label
    LEFT JOIN classes AS guess ON guess.class = outcomes.predicted;
)sql";
}

}  // namespace cuebench
