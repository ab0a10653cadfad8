# A terminal with somebody at it: tmux's, with a shell of the host in it that has a prompt of its own. To be sourced before
# anything is planned; without tmux the test is skipped.

if ! command -v tmux >/dev/null; then
	plan 1
	skip 1 "tmux is not there"
	finish
fi
server=flat32-test-$$
unset TMUX
t() { tmux -L "$server" -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null' EXIT
t new-session -d -s s -x 100 -y 30 "PS1='host> ' sh"

keys() { t send-keys -t s "$@"; }
screen() { t capture-pane -p -t s | sed 's/ *$//'; }
# until_line TEXT: waits until a line of the screen is TEXT (a basic regular expression), ten seconds at most
until_line() {
	tries=100
	while ! screen | grep -qx -- "$1"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}
# The emulator's process id, while that shell runs one.
emulator() { pgrep -P "$(t display-message -p -t s '#{pane_pid}')" -x flat32; }
