#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a command beside a Slurm cluster of its own, on this machine, which ends with it:
#   slurm_cluster.sh COMMAND...
# munged, slurmctld and slurmd (Debian: slurm-wlm, munge) live in a temporary folder, with ports and
# a key of their own; no systemd, no cgroups, no accounting; two processors are pretended where there
# is one. The command finds the cluster by SLURM_CONF. Exit status: the command's; 77 where this
# cannot be done here (not root, Slurm not installed); 99 where the cluster does not come up.
set -u
[ "$(id -u)" -eq 0 ] || { echo "slurm_cluster: only root can start a cluster" >&2; exit 77; }
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch squeue scancel sinfo; do
    command -v "$program" >/dev/null 2>&1 ||
        { echo "slurm_cluster: $program is not installed" >&2; exit 77; }
done

place=$(mktemp -d) || exit 99
munged='' controller='' node=''
stop() {
    trap '' INT TERM HUP
    # Tasks do not end with slurmd: they are cancelled while there is a controller.
    [ -z "$node" ] || scancel --user=root 2>/dev/null
    tries=0
    while [ -n "$node" ] && [ "$tries" -lt 100 ] && [ -n "$(squeue --noheader 2>/dev/null)" ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    for daemon in $node $controller $munged; do
        kill -TERM "$daemon" 2>/dev/null
    done
    tries=0
    for daemon in $node $controller $munged; do
        while kill -0 "$daemon" 2>/dev/null && [ "$tries" -lt 50 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
        kill -KILL "$daemon" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$place"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

# free_port FROM: the first one that nobody listens on
free_port() {
    port=$1
    while cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$port") "; do
        port=$((port + 1))
    done
    echo "$port"
}

# Daemons beside the command: their ports depend on the process, so that two clusters do not meet.
first=$(free_port $((20000 + $$ % 10000)))
second=$(free_port $((first + 1)))
host=$(hostname -s)
mkdir "$place/state" "$place/spool" "$place/munge" || exit 99
chmod 755 "$place"
(umask 077 && head -c 1024 /dev/urandom >"$place/munge/key") || exit 99
cat >"$place/slurm.conf" <<CONF
ClusterName=lrprobe
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$place/munge/socket
CredType=cred/munge
SlurmctldPort=$first
SlurmdPort=$second
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
SlurmctldLogFile=$place/slurmctld.log
SlurmdLogFile=$place/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
MinJobAge=30
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=200 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
PartitionName=other Nodes=$host MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$place/slurm.conf"

munged --force --foreground --socket="$place/munge/socket" --key-file="$place/munge/key" \
    --log-file="$place/munge/log" --pid-file="$place/munge/pid" --seed-file="$place/munge/seed" \
    >"$place/munge/out" 2>&1 &
munged=$!
tries=0
until [ -S "$place/munge/socket" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { cat "$place/munge/out" >&2; exit 99; }
    sleep 0.1
done
slurmctld -D -c >"$place/controller" 2>&1 &
controller=$!
slurmd -D -c >"$place/node" 2>&1 &
node=$!
tries=0
until sinfo --noheader --format=%t 2>/dev/null | grep -q '^idle$'; do
    tries=$((tries + 1))
    if [ "$tries" -ge 300 ]; then
        echo 'slurm_cluster: the node does not become idle' >&2
        tail -n 20 "$place/slurmctld.log" >&2
        tail -n 20 "$place/slurmd.log" >&2
        exit 99
    fi
    sleep 0.1
done
"$@"
exit $?
