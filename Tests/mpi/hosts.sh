#!/usr/bin/env bash
# Trains on two hosts that are network namespaces of this machine, injures them, and says what happened.
#
#     Tests/mpi/hosts.sh [PROGRAM]           # by default .build/debug/Chapter11MiniGoogLeNet
#     HOSTS_CASES=ad Tests/mpi/hosts.sh      # some cases only; (a), the whole run, is always one of them
#
# Needs Linux, root, Open MPI, ip and tc; it takes four minutes on two processors. The exit status is 1 if something is
# lost: weights that differ, no checkpoint, processes that still run after a minute, or no line that names the process at
# fault.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
program=${1:-$repository/.build/debug/Chapter11MiniGoogLeNet}

# Two hosts with two ranks each: 0 and 1 on a, 2 and 3 on b.
addresses=(10.77.0.1 10.77.0.2)
network=10.77.0.0/24
epochs=3 steps=4 batch=64
patience=10
# Seconds after which whatever still runs is left over.
longest=60
# More arguments of mpirun.
more=()

# Whether it can be done

skip() {
    echo "SKIPPED: $1, so no hosts were made and nothing was injured" >&2
    exit 0
}

check_machine() {
    local tool
    [ "$(uname)" = Linux ] || skip "this is not Linux"
    [ "$(id -u)" = 0 ] || skip "only root makes network namespaces"
    for tool in ip tc unshare mount sysctl mpirun; do
        command -v $tool >/dev/null || skip "there is no $tool"
    done
    mpirun --version 2>/dev/null | grep -q 'Open MPI' || skip "mpirun is not Open MPI's"
    [ -x "$program" ] || { echo "there is no program $program" >&2; exit 1; }
    program=$(realpath "$program")
    unshare --net --uts --mount true 2>/dev/null || skip "namespaces are not allowed here"
}

# Hosts

# The namespace of a host. Several runs of this script do not meet.
space() { echo "hosts$$-$1"; }

make_hosts() {
    local host number=0
    ip netns add "$(space switch)"
    ip -n "$(space switch)" link add switch type bridge
    ip -n "$(space switch)" link set dev switch up
    for host in a b; do
        mkdir -p "$work/host-$host" "$shared/$host"
        ip netns add "$(space $host)"
        ip link add name port netns "$(space $host)" type veth peer name $host netns "$(space switch)"
        ip -n "$(space switch)" link set dev $host master switch up
        ip -n "$(space $host)" addr add "${addresses[number]}/24" dev port
        ip -n "$(space $host)" link set dev port up
        ip -n "$(space $host)" link set dev lo up
        number=$((number + 1))
        set_retries $host 6
    done
}

# How often TCP sends lost bytes again before it gives up: by default 15 times, a quarter of an hour; six times take half
# a minute. Open MPI's mpirun and its daemon on the other host wait for that when they have something to tell each other.
set_retries() { ip netns exec "$(space "$1")" sysctl -q net.ipv4.tcp_retries2="$2"; }

# Programs that enter a host: one for a command, and one that Open MPI calls as it would call ssh. A host has its own
# name, temporary folder and shared memory, and knows nothing of the environment of the other. A terminal that can redraw
# a line gets a progress bar, which says where a run is.
write_entrances() {
    cat >"$work/enter" <<ENTRANCE
#!/bin/sh
host=\$1
shift
exec ip netns exec "hosts$$-\$host" unshare --uts --mount env -i PATH="\$PATH" HOME="\$HOME" TERM=xterm \\
    LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:-}" TMPDIR="$work/host-\$host" \\
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \\
    sh -c 'hostname "\$0" && mount --bind "$shared/\$0" /dev/shm && exec "\$@"' "\$host" "\$@"
ENTRANCE
    cat >"$work/agent" <<AGENT
#!/bin/sh
shift
exec "$work/enter" b sh -c "\$*"
AGENT
    chmod +x "$work/enter" "$work/agent"
}

processes() {
    local host
    for host in "$@"; do ip netns pids "$(space "$host")" 2>/dev/null || true; done
}

end_processes() {
    local left
    left=$(processes a b switch)
    # Words, on purpose.
    [ -z "$left" ] || kill -KILL $left 2>/dev/null || true
}

clean_up() {
    local status=$? name
    trap '' INT TERM HUP
    end_processes
    for name in a b switch; do ip netns del "$(space $name)" 2>/dev/null || true; done
    umount -l "$shared" 2>/dev/null || true
    if [ $status -eq 1 ]; then echo "What was printed and written is in $work." >&2; else rm -rf "$work"; fi
    exit $status
}

# Training

now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
seconds() { echo "$(($1 / 1000)).$(($1 % 1000 / 100))"; }

# Starts to train. The folder of a run has its files, and beside it is what each start printed.
start() {
    local run=$1
    shift
    folder=$work/$run log=$work/$run$*.log
    : >"$log"
    "$work/enter" a mpirun --oversubscribe --host "${addresses[0]}:2,${addresses[1]}:2" \
        --mca plm_rsh_agent "$work/agent" --mca btl tcp,vader,self \
        --mca btl_tcp_if_include $network --mca oob_tcp_if_include $network "${more[@]}" \
        "$program" --output "$folder" --epochs $epochs --limit $((steps * batch)) --batch-size $batch \
        --validation-limit 64 --patience $patience "$@" </dev/null >>"$log" 2>&1 &
    job=$!
    started=$(now)
}

# Waits until the run has ended; takes its exit status and its time.
finish() {
    status=0
    wait "$job" || status=$?
    time=$(($(now) - started))
}

train() {
    start "$@"
    finish
}

record() { cat "$folder/minigooglenet_cifar10.run.json" 2>/dev/null || true; }
weights() { record | sed -n 's/^  "weights" : "\(.*\)".*/\1/p'; }
hosts_in_record() { record | sed -n '/"hosts" : \[/,/\]/p' | tail -n +2 | tr -d ' ",\n]'; }
speed() { record | awk -F'[:,]' '/imagesPerSecond/ { sum += $2; n++ } END { if (n) printf "%.0f", sum / n }'; }
# Epochs after which the model was saved.
saved() {
    [ -s "$folder/minigooglenet_cifar10.hdf5" ] && record | grep -c imagesPerSecond || echo 0
}
# All bytes that host b has sent and received.
bytes() {
    ip netns exec "$(space b)" cat /sys/class/net/port/statistics/{rx,tx}_bytes | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}
megabytes() { awk "BEGIN { printf \"%.0f\", $1 / 1e6 }"; }

# What was printed, without the progress bar.
printed() {
    tr '\r' '\n' <"$log" | sed -E $'s/\e\\[[0-9;]*[A-Za-z]//g; s/^([0-9]+\\/[0-9]+|validating [0-9\\/]*) \\[[^]]*\\].*acc: [0-9.]+//' |
        grep -v '^$' || true
}

# The line that names the end: the program's own, or the launcher's.
line() { printed | grep -m1 -E '^error: |noticed that process|Remote daemon: ' || true; }

# Injuries

# The process of a rank. Its children have the same environment, but run other programs.
process_of() {
    local process
    for process in $(processes a b); do
        [ "$(readlink "/proc/$process/exe" || true)" = "$program" ] || continue
        if tr '\0' '\n' <"/proc/$process/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1"; then
            echo "$process"
            return
        fi
    done
    echo "no process has rank $1" >&2
    return 1
}

# Waits for the middle of the second epoch.
wait_for_middle() {
    until tr '\r' '\n' <"$log" | sed -n '/^Epoch 2\//,$p' | grep -q "$((steps / 2))/$steps \["; do
        if ! kill -0 "$job" 2>/dev/null; then
            echo "the run ended before the middle of its second epoch" >&2
            tail -n 20 "$log" >&2
            return 1
        fi
        sleep 0.05
    done
}

training() {
    local process
    for process in $(processes a b); do
        if [ "$(readlink "/proc/$process/exe" 2>/dev/null || true)" = "$program" ]; then return 0; fi
    done
    return 1
}

# Waits until nothing runs on both hosts. Takes how long that was, how long ranks ran, and what is left over.
wait_for_end() {
    local injured=$1
    ranks_ended='' line_time=''
    while :; do
        elapsed=$(($(now) - injured))
        left=$(processes a b)
        if [ -z "$ranks_ended" ] && ! training; then ranks_ended=$elapsed; fi
        if [ -z "$line_time" ] && [ -n "$(line)" ]; then line_time=$elapsed; fi
        if [ -z "$left" ] || [ $elapsed -gt $((longest * 1000)) ]; then break; fi
        sleep 0.1
    done
    left_over=$(for process in $left; do cat "/proc/$process/comm" 2>/dev/null || true; done | sort | uniq -c |
        awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }')
}

# What lies in the temporary folders and in shared memory of both hosts.
rests() { find "$work"/host-[ab] "$shared" -type f ! -name .keep-directory -printf '%f\n' | sort | uniq | paste -sd' '; }

# What happened

failures=0
rows=()

lost() {
    failures=$((failures + 1))
    echo "LOST: $1" >&2
}

# case | seconds | status | what was said | on disk | left over | weights
row() {
    rows+=("| $1 | $2 | $3 | $4 | $5 | $6 | $7 |")
    echo "$1: $2 s, exit status $3; $4; $5; left over: $6; weights $7" >&2
}

check_weights() {
    same=$(weights)
    if [ "$same" = "$reference" ]; then same="$same, the same"; else
        lost "$1 ends with the weights '$same', not $reference"
        printed | tail -n 20 >&2
        same="**$same, others**"
    fi
}

print_table() {
    echo
    echo "| case | seconds | exit status | said | on disk | left over | weights |"
    echo "|---|---|---|---|---|---|---|"
    printf '%s\n' "${rows[@]}" | sed "s|$work/||g"
    echo
    echo "Seconds of an injury go from it until nothing runs any more on both hosts; \`line\`: until the line was printed;"
    echo "\`ranks\`: until no rank ran any more, and only mpirun or its daemon did."
}

# What others than the program have said, for each run.
print_warnings() {
    echo
    echo "Other lines:"
    for log in "$work"/*.log; do
        printed | grep -E '^\[[a-z0-9]*[]:]|WARNING|^mpirun|interrupted|^ORTE|^[A-Z].* TCP conn' |
            sed -E 's/\[[a-z]+:[0-9]+\]/[host:process]/; s/\[\[[0-9,]*\],[0-9]*\]/[job]/g' |
            sort | uniq -c | sed "s|^|$(basename "$log" .log):|" || true
    done
}

# Cases

whole_runs() {
    local before run
    for run in a1 a2; do
        before=$(bytes)
        train $run
        [ -n "${reference:-}" ] || reference=$(weights)
        if [ -z "$reference" ]; then
            lost "the whole run has no weights"
            cat "$log" >&2
            exit 1
        fi
        [ "$(hosts_in_record)" = aabb ] || lost "the record of $run names the hosts '$(hosts_in_record)'"
        check_weights "the whole run $run"
        wait_for_end "$(now)"
        [ -z "$left_over" ] || lost "$left_over still run after the whole run $run"
        row "a: whole run, $(speed) images/s, $(megabytes $(($(bytes) - before))) MB to and from b" "$(seconds $time)" \
            $status "$(printed | grep -o '[0-9]* processes on [0-9]* machines')" "$(saved) epochs" \
            "${left_over:-nothing}" "$same"
    done
}

# Trains, injures in the middle of the second epoch, waits for the end, and resumes.
#
# The name of the case, a function that injures, one that heals, a pattern for the line, and words for the table.
injured_run() {
    local name=$1 injure=$2 heal=$3 pattern=$4 words=$5 rest
    start "$name"
    wait_for_middle
    $injure
    injured=$(now)
    wait_for_end "$injured"
    end_processes
    finish
    rest=$(rests)
    [ $status -ne 0 ] || lost "$words: the exit status is 0"
    line | grep -qE "$pattern" || lost "$words: no line names the process: $(printed | tail -n 5)"
    [ -z "$left_over" ] || lost "$words: $left_over still run after $longest s"
    [ "$(saved)" -ge 1 ] || lost "$words: there is no checkpoint"
    row "$words" "$(seconds $elapsed); line after $(seconds ${line_time:-0}), ranks after $(seconds ${ranks_ended:-0})" \
        $status "$(line)" "$(saved) epochs${rest:+, rests: $rest}" "${left_over:-nothing}" "—"
    $heal
    rm -rf "$work"/host-[ab]/* "$shared"/[ab]/*
    train "$name" --resume
    check_weights "$words, resumed,"
    row "${name}: resumed" "$(seconds $time)" $status "$(printed | grep -m1 -i resum || true)" "$(saved) epochs" "" "$same"
}

kill_rank_0() { kill -KILL "$(process_of 0)"; }
kill_rank_2() { kill -KILL "$(process_of 2)"; }
stop_rank_3() { kill -STOP "$(process_of 3)"; }
# The port of the switch: host a sees nothing of it.
pull_cable() { ip -n "$(space switch)" link set dev b down; }
plug_cable() {
    ip -n "$(space switch)" link set dev b up
    # The link carries nothing for a second yet, and Open MPI tries to connect once. Nobody listens: a refusal has come
    # from the other side.
    local answer=''
    until [[ $answer == *refused* ]]; do
        answer=$("$work/enter" b timeout 1 bash -c "exec 3<>/dev/tcp/${addresses[0]}/9" 2>&1) || true
        [ $(($(now) - injured)) -lt 180000 ] || { lost "the cable is plugged, but carries nothing"; return; }
    done
}

# A slow network: the run reaches its end.
slow_run() {
    local name=$1 words=$2 before
    before=$(bytes)
    train "$name"
    [ $status -eq 0 ] || lost "$words: exit status $status: $(line)"
    check_weights "$words"
    row "$words, $(speed) images/s, $(megabytes $(($(bytes) - before))) MB" "$(seconds $time)" $status "$(line)" \
        "$(saved) epochs" "" "$same"
}

shape() {
    tc -n "$(space b)" qdisc "$1" dev port root "${@:2}"
    tc -n "$(space switch)" qdisc "$1" dev b root "${@:2}"
}

# Some kernels have no netem. Then a program stands in the place of the switch.
delay_frames() {
    if shape add netem delay 20ms 2>/dev/null; then
        echo netem
        return
    fi
    command -v python3 >/dev/null || return 1
    ip -n "$(space switch)" link set dev a nomaster
    ip -n "$(space switch)" link set dev b nomaster
    ip netns exec "$(space switch)" python3 - 0.02 >"$work/relay.log" 2>&1 <<'RELAY' &
import collections, select, socket, sys, time

delay = float(sys.argv[1])
PACKET, VNET_HDR, IGNORE_OUTGOING = 263, 15, 23
ports = []
for name in "a", "b":
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    # The kernel's notes travel along: frames are long, and their checksums are not filled in.
    port.setsockopt(PACKET, VNET_HDR, 1)
    port.setsockopt(PACKET, IGNORE_OUTGOING, 1)
    port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
    port.bind((name, 0))
    ports.append(port)
waiting = collections.deque()
while True:
    rest = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    for port in select.select(ports, [], [], rest)[0]:
        waiting.append((time.monotonic() + delay, ports[1 - ports.index(port)], port.recv(1 << 17)))
    while waiting and waiting[0][0] <= time.monotonic():
        _, port, frame = waiting.popleft()
        port.send(frame)
RELAY
    echo "a program"
}

end_delay() {
    shape del 2>/dev/null || true
    [ -n "$(processes switch)" ] || return 0
    kill $(processes switch)
    ip -n "$(space switch)" link set dev a master switch
    ip -n "$(space switch)" link set dev b master switch
}

# Cut off, but for less than the patience: nobody is lost.
short_cut() {
    local words="g: host b is cut off for 5 s"
    start g
    wait_for_middle
    pull_cable
    injured=$(now)
    sleep 5
    plug_cable
    finish
    [ $status -eq 0 ] || lost "$words: exit status $status: $(line)"
    check_weights "$words"
    row "$words" "$(seconds $time)" $status "$(line)" "$(saved) epochs" "" "$same"
}

# Here mpirun and its daemon ask more often whether the other is there: before a rank loses its patience, and so before
# anything is on its way that TCP would send again.
watched_cut() {
    local host
    for host in a b; do set_retries $host 15; done
    more=(--mca oob_tcp_keepalive_time 3 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3)
    injured_run c2 pull_cable plug_cable "Remote daemon: .* ${addresses[1]}" \
        "c: host b is cut off, and Open MPI's daemons ask each other after 3 s"
    more=()
    for host in a b; do set_retries $host 6; done
}

slow_runs() {
    if delay_frames >"$work/delay"; then
        slow_run e1 "e: each frame is delayed by 20 ms, by $(cat "$work/delay")"
        end_delay
    else
        echo "SKIPPED: the kernel has no netem and there is no python3, so nothing was delayed" >&2
    fi
    shape add tbf rate 50mbit burst 64kb latency 400ms
    slow_run e2 "e: 50 Mbit/s"
    shape del
}

check_machine
work=$(mktemp -d)
shared=$work/shared
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
mkdir "$shared"
# Each host's /dev/shm is a folder here.
mount -t tmpfs hosts "$shared"
make_hosts
write_entrances

want() { [ -z "${HOSTS_CASES:-}" ] || [[ $HOSTS_CASES == *$1* ]]; }
whole_runs
! want b || injured_run b kill_rank_2 true 'process (rank )?2 ' "b: rank 2 on b is killed"
! want c || injured_run c pull_cable plug_cable 'process 2 on b' "c: host b is cut off"
! want c || watched_cut
! want d || injured_run d stop_rank_3 true ': process 3 on b does not answer' "d: rank 3 on b is stopped"
! want f || injured_run f kill_rank_0 true 'process (rank )?0 ' "f: rank 0 on a is killed"
! want g || short_cut
! want e || slow_runs
print_table
print_warnings
if [ $failures -gt 0 ]; then
    echo "$failures things are lost." >&2
    exit 1
fi
