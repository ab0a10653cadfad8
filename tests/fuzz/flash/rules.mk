# The model of the flash chip is a unit test, which makes a short run; this makes a long one.
.PHONY: fuzz-flash
fuzz-flash: $O/unit/test_flash_model		## random operations and power cuts against a model of the flash (N=10000000, SEED=7)
	@FLAT32_FLASH_OPS=$(or $(N),1000000) FLAT32_FLASH_SEED=$(or $(SEED),$$(date +%s)000) FLAT32_FLASH_PROGRESS=100000 $<
