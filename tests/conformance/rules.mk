# The real kernel as judge: `make conformance` (all), T='mm_* jobs.sh' for some; `make check` compares with the recordings.
.PHONY: kernel conformance conformance-record nommu-conformance
kernel: | deps-long				## a real RV32 no-MMU Linux in build/linux (about five minutes, once)
	@tests/conformance/kernel.sh $B/linux

conformance: check-programs kernel		## the guest tests on flat32 and on the real kernel, compared
	@O=$O B=$B tests/conformance/run.sh $(T)

conformance-record: check-programs kernel	## write what the real kernel says to tests/conformance/recorded/
	@O=$O B=$B tests/conformance/run.sh -r $(T)

nommu-conformance: check-programs		## docs/nommu-conformance.md, from tests on flat32 and recordings
	@rm -rf $B/nommu && mkdir -p $B/nommu
	@O=$O B=$B tests/conformance/nommu.sh $B/nommu check
	@O=$O B=$B tests/conformance/nommu.sh $B/nommu write
