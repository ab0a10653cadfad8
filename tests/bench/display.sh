# shellcheck shell=sh disable=SC2154
# Sourced by bench.sh: what video memory costs the guest that draws in it, beside RAM, in turns. (cli/display_cost has
# both in one process.) And what is left of a processor for a guest that draws 60 frames a second: with nobody looking, and in a
# window.

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
	rounds=20
	[ -z "$SHORT" ] || rounds=1
	one display/frames rate 3 "share of a processor left beside 60 frames a second of 1280x720x32" <<-END
		headless $FLAT32 run --display 1280x720,headless $D/frames $rounds
		window $here/on-screen.sh $FLAT32 run --display 1280x720 $D/frames $rounds
	END
}
