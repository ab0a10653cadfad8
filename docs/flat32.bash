# bash completion for flat32                                  SPDX-License-Identifier: MIT
_flat32()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "run boot inspect machine --help --version" -- "$cur")
		return
	fi
	case $prev in
	--disk)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames
		return ;;
	--audio)
		mapfile -t COMPREPLY < <(compgen -W "sdl none" -- "$cur"; compgen -f -- "$cur")
		;;
	--display)
		mapfile -t COMPREPLY < <(compgen -W "320x240x16 640x480x32 800x600x32 1024x768x32 1280x720x32 none" -- "$cur")
		return ;;
	--share | --record | --prefix | -L)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	--log)
		mapfile -t COMPREPLY < <(compgen -W "emerg alert crit err warning notice info debug help all \
			$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --log help 2>/dev/null | cut -d' ' -f1)" -- "$cur")
		return ;;
	--alloc)
		# The strategies come from the program's own table.
		options=$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --alloc help 2>/dev/null | cut -d' ' -f1)
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return ;;
	--strace | =)
		[ "$prev" = = ] && [ "${COMP_WORDS[COMP_CWORD-2]}" != --strace ] && return
		mapfile -t COMPREPLY < <(compgen -W "trace= status= signal= read= write= raw= inject= fault= quiet= %file \
			%desc %process %network %signal %ipc %memory %clock %creds" -- "$cur")
		[ "$prev" = = ] && compopt -o nospace
		return ;;
	--flash-chip)
		mapfile -t COMPREPLY < <(compgen -W "intel amd" -- "$cur")
		return ;;
	--net)
		mapfile -t COMPREPLY < <(compgen -W "none host user user,hostfwd=tcp: user,restrict=on" -- "$cur")
		[[ ${COMPREPLY[0]} == *: ]] && compopt -o nospace
		return ;;
	--compat)
		mapfile -t COMPREPLY < <(compgen -W "linux-6.12 none" -- "$cur")
		return ;;
	--engine)
		options=$("${COMP_WORDS[0]}" --version 2>/dev/null | sed -n 's/^Engines: //p')
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return ;;
	--crash-report)
		mapfile -t COMPREPLY < <(compgen -W "off on full" -- "$cur")
		return ;;
	--uninitialized)
		mapfile -t COMPREPLY < <(compgen -W "on off" -- "$cur")
		return ;;
	esac
	case $cur in
	-*)
		# The options come from the program's own list.
		options=$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --help 2>/dev/null | grep -o -- '--[a-z-]*' | sort -u)
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
complete -o filenames -F _flat32 flat32
