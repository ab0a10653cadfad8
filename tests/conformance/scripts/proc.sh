# The structure of /proc: names and formats, not numbers.
shape() { sed 's/[0-9][0-9]*/N/g; s/  */ /g'; }
cd /proc/self && ls | grep -E '^(cmdline|comm|cwd|environ|exe|fd|fdinfo|maps|mem|mounts|root|stat|statm|status|task|auxv|limits|io|mountinfo|oom_score|oom_score_adj|personality)$'; cd /tmp
(exec 5</dev/null; ls -l /proc/self/fd | awk '{ print $1, $3, $4, $9, $10, $11 }' | sed '/ 3 ->/d; s|/proc/[0-9]*/fd|FD|; s/\[[0-9]*\]/[N]/; 1d')
readlink /proc/self/exe; readlink /proc/self/cwd; readlink /proc/self/root
sh -c 'cd /dev; readlink /proc/$$/cwd'
tr '\0' ' ' </proc/self/cmdline; echo; A=b sh -c 'tr "\0" "\n" </proc/self/environ | grep ^A='
cat /proc/self/comm; shape </proc/1/stat | cut -d' ' -f1,3-; shape </proc/self/statm
sed 's/:.*//' /proc/self/status | grep -vE '^(Speculation|SpeculationStore|SpeculationIndirect|Seccomp|x86|CapAmb|NoNewPrivs|untag|THP|Ngid|NS|Kthread|CoreD|Cpus|Mems|volun|nonvolun|Cap)'
grep -E '^(Name|Umask|State|Tgid|Pid|PPid|Uid|Gid|FDSize|Threads|SigQ|SigPnd|SigBlk|SigIgn|SigCgt|Mem|Slack|Shared)' /proc/self/status | shape | sed 's/[0-9a-f]\{16\}/X/; s/[0-9a-fN]*$//'
cat /proc/self/maps | sed 's/^[0-9a-f]*-[0-9a-f]*/A-B/; s/[0-9][0-9]*:[0-9][0-9]* [0-9]*/DEV/' | tr -s ' ' | sort -u | sed 's/ $//; s/\(.*\) DEV *\(.*\)/\1 \2/'
head -n 3 /proc/meminfo | shape; grep -E '^(Cached|Shmem|Slab|MmapCopy|Buffers|Committed_AS|SwapTotal)' /proc/meminfo | shape
shape </proc/loadavg; shape </proc/uptime; head -n 1 /proc/stat | shape; sed 's/ .*//' /proc/stat | shape | sort -u; grep -E '^(intr|ctxt|btime|processes|procs_running|procs_blocked)' /proc/stat | sed 's/ .*//'
cut -d' ' -f1 /proc/version; sed 's/.*://; s/ //g; /^$/d' /proc/cpuinfo | head -n 2; sed 's/[	 ]*:.*//' /proc/cpuinfo | head -n 4
grep -cE 'proc /proc proc' /proc/mounts; grep -E '^(proc|tmp)' /proc/mounts | head -n 1 | awk '{ print NF }'
grep -E '	(proc|ramfs|tmpfs|devtmpfs)$' /proc/filesystems | sort; cat /proc/sys/kernel/ostype; cat /proc/sys/kernel/pid_max | shape; cat /proc/sys/vm/nr_trim_pages /proc/sys/vm/overcommit_memory
ls -ld /proc/self /proc/1 /proc/1/fd | awk '{ print $1, $3 }'; ls /proc/self/task | shape; ls /proc/nosuch; echo $?; cat /proc/99999/stat; echo $?
echo x >/proc/uptime; echo $?; echo renamed >/proc/self/comm; echo $?; cat /proc/sys/kernel/random/uuid | sed 's/[0-9a-f]/x/g'
ls /proc/sys | grep -E '^(fs|kernel|vm)$'; shape </proc/sys/fs/file-nr | tr '\t' ' '; cat /proc/self/limits | sed 's/[0-9][0-9]*/N/g' | tr -s ' ' | sed 's/ $//'
shape </proc/self/fdinfo/0 | tr '\t' ' '; shape </proc/self/io 2>/dev/null | head -n 1; cat /proc/self/oom_score_adj; shape </proc/self/mountinfo | awk '{ print NF }' | sort -u
