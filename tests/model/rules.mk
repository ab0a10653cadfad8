# The model of mm/: linked to its test, which is found by name; `make model` makes long runs.
MODEL_OBJ := $(patsubst %.c,$O/obj/%.o,$(wildcard tests/model/*.c))

$O/unit/test_mm_model: $(MODEL_OBJ)
# The model's objects come behind the library on the command line, and need it too.
LDFLAGS_test_mm_model = $(LIB)
-include $(MODEL_OBJ:.o=.d)

.PHONY: model
model: $O/unit/test_mm_model			## random calls against a reference (N=100000000, ALLOC=tlsf, SEED=7)
	@FLAT32_MODEL_OPS=$(or $(N),10000000) FLAT32_MODEL_ALLOC=$(ALLOC) FLAT32_MODEL_SEED=$(or $(SEED),$$(date +%s)000) \
		FLAT32_MODEL_PROGRESS=$(or $(PROGRESS),1000000) $<
