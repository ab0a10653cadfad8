# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh: what video memory costs the guest that draws in it, beside RAM, in turns. (cli/display_cost has
# both in one process.)

display() {
	fills=1000
	[ -z "$SHORT" ] || fills=10
	for how in "" stores; do
		one "display/fill${how:+-$how}" rate 7 "1280x720x32 filled by the guest${how:+, a word at a time}" <<-END
			video-memory $FLAT32 run --display 1280x720,headless $D/fill $fills fb $how
			ram $FLAT32 run --display 1280x720,headless $D/fill $fills ram $how
			no-display $FLAT32 run $D/fill $fills ram $how
		END
	done
}
