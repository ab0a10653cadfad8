/* SPDX-License-Identifier: MIT
 *
 * C++ without exceptions, RTTI and a library: virtual functions, pointers to members, inline variables, constructors.
 */
#include <stdio.h>
#include <stdlib.h>

void *operator new(decltype(sizeof 0) n) { return malloc(n); }
void operator delete(void *p) noexcept { free(p); }
void operator delete(void *p, decltype(sizeof 0)) noexcept { free(p); }

struct Shape {
	virtual ~Shape() {}
	virtual int area() const { return -1; }
	virtual const char *name() const { return "shape"; }
};
struct Square : Shape {
	int a;
	explicit Square(int x) : a(x) {}
	int area() const override { return a * a; }
	const char *name() const override { return "square"; }
};
struct Other {
	int z = 4;
	virtual int other(int, long long, long long, long long, double, double) { return 7; }
};
struct Both : Square, Other {
	Both() : Square(3) {}
	int other(int a, long long b, long long c, long long d, double e, double f) override { return int(a + b + c + d + e + f) + z; }
};

template <class T> T twice(T (*f)(T), T x) { return f(f(x)); }
inline int counter() { static int n = 10; return ++n; }
inline int (*next)(int) = [](int x) { return x + counter(); };
static int triple(int x) { return x * 3; }

struct Global {
	int v;
	Global() : v(counter()) { printf("constructed %d\n", v); }
	~Global() { printf("destroyed %d\n", v); }
};
static Global one, two;

int main()
{
	Shape *shapes[] = {new Square(5), new Both, new Shape};
	int (Shape::*area)() const = &Shape::area;
	int (Square::*square_area)() const = &Square::area;

	for (Shape *p : shapes)
		printf("%s %d\n", p->name(), p->area());
	Other *o = static_cast<Both *>(shapes[1]);
	printf("%d %d %d %d\n", o->other(1, 2, 3, 4, 5, 6), (shapes[0]->*area)(), (static_cast<Square *>(shapes[1])->*square_area)(),
	       twice<int>(triple, 5));
	printf("%d %d\n", next(1), twice<int>(next, 2));
	static Global late;
	for (Shape *p : shapes)
		delete p;
	return 3;
}
