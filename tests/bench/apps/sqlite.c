/* SPDX-License-Identifier: MIT
 * SQLite with a database in memory: a shop's tables are filled, joined, grouped, sorted, searched and changed. */
#include "../cpu/bench.h"
#include "sqlite3.h"

#include <string.h>

static sqlite3 *db;
static uint32_t sum, seed = 4711;

static void fail(const char *what)
{
	fprintf(stderr, "sqlite: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		fail(sql);
	return s;
}

/* Runs a prepared statement to its end; all it answers goes into the checksum. */
static void run(sqlite3_stmt *s)
{
	int rc;

	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const unsigned char *text = sqlite3_column_text(s, i);

			for (; text && *text; text++)
				sum = bench_mix(sum, *text);
		}
	}
	if (rc != SQLITE_DONE)
		fail(sqlite3_sql(s));
	sqlite3_reset(s);
}

static void once(const char *sql)
{
	sqlite3_stmt *s = prepare(sql);

	run(s);
	sqlite3_finalize(s);
}

static void fill(int customers, int orders)
{
	static const char *const towns[] = { "Ulm", "Jena", "Trier", "Lund", "Graz", "Gent", "Riga", "Oulu" };
	sqlite3_stmt *c = prepare("INSERT INTO customer(name, town) VALUES(?, ?)");
	sqlite3_stmt *o = prepare("INSERT INTO purchase(customer, article, amount, note) VALUES(?, ?, ?, ?)");
	char text[64];

	once("BEGIN");
	for (int i = 0; i < customers; i++) {
		snprintf(text, sizeof(text), "%c%c%u", 'A' + (int)(bench_random(&seed) % 26),
			 'a' + (int)(bench_random(&seed) % 26), (unsigned)(bench_random(&seed) % 1000));
		sqlite3_bind_text(c, 1, text, -1, SQLITE_TRANSIENT);
		sqlite3_bind_text(c, 2, towns[bench_random(&seed) % 8], -1, SQLITE_STATIC);
		run(c);
	}
	for (int i = 0; i < orders; i++) {
		snprintf(text, sizeof(text), "order %d of kind %u, to be %s", i, (unsigned)(bench_random(&seed) % 50),
			 bench_random(&seed) & 1 ? "sent" : "fetched");
		sqlite3_bind_int(o, 1, 1 + (int)(bench_random(&seed) % (unsigned)customers));
		sqlite3_bind_int(o, 2, (int)(bench_random(&seed) % 100));
		sqlite3_bind_int(o, 3, 1 + (int)(bench_random(&seed) % 20));
		sqlite3_bind_text(o, 4, text, -1, SQLITE_TRANSIENT);
		run(o);
	}
	once("COMMIT");
	sqlite3_finalize(c);
	sqlite3_finalize(o);
}

static const char *const questions[] = {
	"SELECT town, count(*), sum(amount) FROM customer JOIN purchase ON customer.id = purchase.customer"
	" GROUP BY town ORDER BY 3 DESC",
	"SELECT name, article, amount FROM purchase JOIN customer ON customer.id = purchase.customer"
	" WHERE article BETWEEN 20 AND 25 ORDER BY amount DESC, name, purchase.id LIMIT 20",
	"SELECT count(*), max(length(note)) FROM purchase WHERE note LIKE '%kind 4_, to be sent%'",
	"SELECT upper(substr(name, 1, 2)) AS k, count(DISTINCT town) FROM customer GROUP BY k ORDER BY k LIMIT 30",
	"SELECT count(*) FROM customer WHERE id NOT IN (SELECT customer FROM purchase WHERE amount > 18)",
	"WITH RECURSIVE n(i, v) AS (SELECT 1, 1 UNION ALL SELECT i + 1, (v * 31 + i) % 65521 FROM n WHERE i < 2000)"
	" SELECT sum(v), max(v) FROM n",
	"SELECT article, sum(amount) AS s FROM purchase GROUP BY article HAVING s > 100 ORDER BY s, article LIMIT 15",
	"UPDATE purchase SET amount = amount + 1 WHERE article % 7 = 3",
	"DELETE FROM purchase WHERE id % 53 = 1",
};

int main(int argc, char **argv)
{
	unsigned rounds = bench_size(argc, argv, 8);

	if (sqlite3_open(":memory:", &db))
		fail("open");
	once("CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, town TEXT)");
	once("CREATE TABLE purchase(id INTEGER PRIMARY KEY, customer INT, article INT, amount INT, note TEXT)");
	once("CREATE INDEX by_article ON purchase(article, amount)");
	once("CREATE INDEX by_customer ON purchase(customer)");
	for (unsigned r = 0; r < rounds; r++) {
		fill(100, 2000);
		for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
			once(questions[i]);
	}
	once("PRAGMA integrity_check");
	sqlite3_close(db);
	return bench_result("sqlite", sum);
}
