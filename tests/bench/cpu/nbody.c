/* SPDX-License-Identifier: MIT
 * Planets under gravity, in double precision: division and square root among the sums. */
#include "bench.h"

#include <math.h>

#define BODIES 5

struct body {
	double x, y, z, vx, vy, vz, mass;
};

static struct body bodies[BODIES];

static void advance(double dt)
{
	for (int i = 0; i < BODIES; i++) {
		struct body *a = &bodies[i];

		for (int j = i + 1; j < BODIES; j++) {
			struct body *b = &bodies[j];
			double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
			double d2 = dx * dx + dy * dy + dz * dz + 0.01;
			double mag = dt / (d2 * sqrt(d2));

			a->vx -= dx * b->mass * mag;
			a->vy -= dy * b->mass * mag;
			a->vz -= dz * b->mass * mag;
			b->vx += dx * a->mass * mag;
			b->vy += dy * a->mass * mag;
			b->vz += dz * a->mass * mag;
		}
	}
	for (int i = 0; i < BODIES; i++) {
		bodies[i].x += dt * bodies[i].vx;
		bodies[i].y += dt * bodies[i].vy;
		bodies[i].z += dt * bodies[i].vz;
	}
}

int main(int argc, char **argv)
{
	unsigned steps = bench_size(argc, argv, 800000);
	uint32_t seed = 2718;
	double energy = 0;

	for (int i = 0; i < BODIES; i++) {
		struct body *b = &bodies[i];

		b->x = (double)(bench_random(&seed) % 1000) / 100;
		b->y = (double)(bench_random(&seed) % 1000) / 100;
		b->z = (double)(bench_random(&seed) % 1000) / 100;
		b->mass = i ? (double)(bench_random(&seed) % 100) / 1000 : 40;
	}
	for (unsigned s = 0; s < steps; s++)
		advance(0.0005);
	for (int i = 0; i < BODIES; i++)
		energy += bodies[i].mass * (bodies[i].vx * bodies[i].vx + bodies[i].vy * bodies[i].vy +
					    bodies[i].vz * bodies[i].vz);
	return bench_result("nbody", (uint32_t)(uint64_t)(energy * 1e6));
}
