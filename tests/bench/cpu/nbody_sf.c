/* SPDX-License-Identifier: MIT
 * nbody.c again, in software: the same planets, steps and roundings, by softfloat.h on both sides. After as many steps the
 * checksum is that of nbody. */
#include "bench.h"
#include "softfloat.h"

#define BODIES 5

struct body {
	sf x, y, z, vx, vy, vz, mass;
};

static struct body bodies[BODIES];

static const sf step = { 0x3f40624dd2f1a9fcull };	/* 0.0005 */
static const sf soft = { 0x3f847ae147ae147bull };	/* 0.01 */

static void pull(sf *v, sf d, sf mass, sf mag)
{
	*v = sf_add(*v, sf_mul(sf_mul(d, mass), mag));
}

static sf square(sf x, sf y, sf z)
{
	return sf_add(sf_add(sf_mul(x, x), sf_mul(y, y)), sf_mul(z, z));
}

static void advance(void)
{
	for (int i = 0; i < BODIES; i++) {
		struct body *a = &bodies[i];

		for (int j = i + 1; j < BODIES; j++) {
			struct body *b = &bodies[j];
			sf dx = sf_sub(a->x, b->x), dy = sf_sub(a->y, b->y), dz = sf_sub(a->z, b->z);
			sf d2 = sf_add(square(dx, dy, dz), soft);
			sf mag = sf_div(step, sf_mul(d2, sf_sqrt(d2)));

			pull(&a->vx, sf_negate(dx), b->mass, mag);
			pull(&a->vy, sf_negate(dy), b->mass, mag);
			pull(&a->vz, sf_negate(dz), b->mass, mag);
			pull(&b->vx, dx, a->mass, mag);
			pull(&b->vy, dy, a->mass, mag);
			pull(&b->vz, dz, a->mass, mag);
		}
	}
	for (int i = 0; i < BODIES; i++) {
		struct body *b = &bodies[i];

		b->x = sf_add(b->x, sf_mul(step, b->vx));
		b->y = sf_add(b->y, sf_mul(step, b->vy));
		b->z = sf_add(b->z, sf_mul(step, b->vz));
	}
}

static sf fraction(uint32_t n, int32_t of, int32_t parts)
{
	return sf_div(sf_from((int32_t)(n % (uint32_t)of)), sf_from(parts));
}

int main(int argc, char **argv)
{
	unsigned steps = bench_size(argc, argv, 35000);
	uint32_t seed = 2718;
	sf energy = { 0 };

	for (int i = 0; i < BODIES; i++) {
		struct body *b = &bodies[i];

		b->x = fraction(bench_random(&seed), 1000, 100);
		b->y = fraction(bench_random(&seed), 1000, 100);
		b->z = fraction(bench_random(&seed), 1000, 100);
		b->mass = i ? fraction(bench_random(&seed), 100, 1000) : sf_from(40);
	}
	for (unsigned s = 0; s < steps; s++)
		advance();
	for (int i = 0; i < BODIES; i++)
		energy = sf_add(energy, sf_mul(bodies[i].mass, square(bodies[i].vx, bodies[i].vy, bodies[i].vz)));
	return bench_result("nbody_sf", sf_to_int(sf_mul(energy, sf_from(1000000))));
}
