#!/bin/bash
# Holds one private Docker Engine, as root. Nothing it makes outlives it:
# - the engine is process 1 of its own PID namespace, so when that ends the kernel ends
#   containerd, every shim and every container with it;
# - its mounts, its firewall rules, its bridges and its host name live in namespaces without
#   a name, which the kernel removes with their last process;
# - standard input is the lifeline: when whoever started the keeper ends, however it ends,
#   the pipe closes and the keeper takes everything down.
#
#   keeper.sh start <dir> <name> <dockerd> <gid of the socket> <starter "pid:start time"> <data> [<piece>]
#   keeper.sh clean <dir> <veth> <cgroup> <init "pid:start time">
#   keeper.sh hub <dir>
#
# `start` prints one line of JSON (engine.json in <dir> holds the same) once the engine's
# process exists. Stages `inside` and `first` are the same file run in the new namespaces.
#
# `hub` holds a network namespace with a bridge, at which several engines meet and which this
# machine is linked to; it prints one line of JSON, and deletes <dir>, that of all of them, in
# the end. `start` with a <piece> of the hub's, inside its namespace, joins an engine to it.
set -euo pipefail

ENGINE_ENDED=3
BRIDGE=skep-hub

fail() { printf '%s\n' "$*" >&2; exit 1; }

# "pid:start time" of the running process $1, so that a reused pid is never mistaken for it.
identity() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  set -- "$1" ${stat##*) }
  printf '%s:%s' "$1" "${21}"
}

# Links 198.18.0.0/15 (set aside for tests, so no real network has it) in /30 pieces. The
# link's name holds the piece's number, so two engines cannot take the same piece.
use_piece() { # <number>
  local base=$(( $1 * 4 )) network
  piece=$1
  network="198.$(( 18 + (base >> 16) )).$(( base >> 8 & 255 ))"
  host="$network.$(( (base & 255) + 1 ))"
  address="$network.$(( (base & 255) + 2 ))"
  veth=$(printf 'skep-%04x' "$piece")
}

is_free() { # <piece>
  use_piece "$1"
  ! ip link show dev "$veth" >/dev/null 2>&1 &&
    [ -z "$(ip -4 route show match "$host" 2>/dev/null | grep -v '^default' || true)" ]
}

# Finds so many free pieces in a row, the first a multiple of that, and uses the first.
pick_pieces() { # <how many>
  local try offset first
  for try in $(seq 1 100); do
    first=$(( (RANDOM << 15 | RANDOM) % 32768 / $1 * $1 ))
    for offset in $(seq 0 $(( $1 - 1 ))); do
      is_free $(( first + offset )) || continue 2
    done
    use_piece "$first"
    return 0
  done
  fail "finding a free private address: every piece tried in 198.18.0.0/15 is in use on this machine"
}

# Gives the end of a link that this machine keeps its address.
set_up() { # <namespace> <address> <link>
  nsenter --net="$1" sh -c 'ip addr add "$1" dev "$2" && ip link set "$2" up' sh "$2" "$3"
}

remove_cgroups() { # <cgroup>
  local mount
  for mount in $(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts | sort -u); do
    [ ! -d "$mount/$1" ] || find "$mount/$1" -depth -type d -exec rmdir {} + 2>/dev/null || return 1
  done
}

# A killed process leaves its cgroup and its files a moment after it is gone, hence the tries.
remove_rest() { # <dir> <veth> <cgroup>
  local try
  # The kernel deletes the link with the engine's network, but in its own time.
  ip link delete dev "$2" 2>/dev/null || true
  for try in $(seq 1 100); do remove_cgroups "$3" && break; sleep 0.02; done
  for try in $(seq 1 100); do rm -rf -- "$1" 2>/dev/null && break; sleep 0.02; done
}

stage=$1; shift
case $stage in
start)
  dir=$1 name=$2 dockerd=$3 gid=$4 starter=$5 data=$6 joined=${7:-}
  if [ -z "$joined" ]; then pick_pieces 1; else use_piece "$joined"; fi
  cgroup="skep-engine-${veth#skep-}"
  # Handled, not ignored: a signal ignored here would be ignored in every container too.
  trap : INT HUP TERM
  status=0
  unshare --net --uts --mount --propagation private -- \
    "$BASH" "$0" inside "$dir" "$name" "$dockerd" "$gid" "$starter" "$(identity $$)" \
    "$veth" "$host" "$address" "$cgroup" "$data" "$joined" || status=$?
  [ "$status" != "$ENGINE_ENDED" ] || tail -n 40 "$dir/dockerd.log" >&2
  remove_rest "$dir" "$veth" "$cgroup"
  exit "$status"
  ;;
inside)
  keeper=$6 veth=$7 host=$8 address=$9 joined=${12}
  hostname "$2"
  ip link set lo up
  ip link add eth0 type veth peer name "$veth" netns "${keeper%%:*}" ||
    fail "joining the engine's network to this machine by a veth pair is not possible here"
  outside="/proc/${keeper%%:*}/ns/net"
  if [ -z "$joined" ]; then
    set_up "$outside" "$host/30" "$veth"
    ip addr add "$address/30" dev eth0
  else
    nsenter --net="$outside" ip link set "$veth" master "$BRIDGE" up
    ip addr add "$address/28" dev eth0
  fi
  ip link set eth0 up
  # Not a missing route: without an answer each look-up of a registry would wait 20-30 s
  # before the engine falls back to the image it has.
  ip route add unreachable default
  echo 1 > /proc/sys/net/ipv4/ip_forward
  # Everything the engine and its containerd write outside their folder stays in memory and
  # is seen by nobody else; a system engine's sockets in /run are hidden from this one.
  mount -t tmpfs -o mode=0755 skep-engine /run
  mkdir -p /run/skep/exec
  for path in /etc /opt; do
    [ -d "$path" ] || continue
    mkdir -p "/run/skep/over$path/upper" "/run/skep/over$path/work"
    mount -t overlay skep-engine "$path" -o \
      "lowerdir=$path,upperdir=/run/skep/over$path/upper,workdir=/run/skep/over$path/work" ||
      fail "laying a private layer over $path (overlay file system) is not possible here"
  done
  rm -f /etc/resolv.conf /etc/docker/daemon.json
  : > /etc/resolv.conf
  exec unshare --pid --fork --kill-child -- "$BASH" "$0" first "$@"
  ;;
first)
  dir=$1 dockerd=$3 gid=$4 starter=$5 keeper=$6 veth=$7 address=$9 cgroup=${10} data=${11}
  # /proc is still the machine's, so this is the pid by which the machine knows process 1.
  read -r self _ < /proc/self/stat
  init=$(identity "$self")
  boot=$(cat /proc/sys/kernel/random/boot_id)
  record=$(printf '{"boot":"%s","starter":"%s","keeper":"%s","init":"%s","veth":"%s","cgroup":"%s","address":"%s"}' \
    "$boot" "$starter" "$keeper" "$init" "$veth" "$cgroup" "$address")
  printf '%s\n' "$record" > "$dir/engine.json"
  mount -t proc proc /proc
  mkdir -p "$dir/tmp"
  printf '{}' > /run/skep/daemon.json
  # There is no way out of the engine's network, so a container's own loopback is named as its
  # DNS server: it refuses at once, where one out of reach would be waited for.
  # A registry that a test runs on this machine speaks plain HTTP.
  # `container` keeps the engine from loading its AppArmor profile into the machine's kernel.
  env -i PATH="${dockerd%/*}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    HOME=/run/skep TMPDIR="$dir/tmp" container=skep \
    "$dockerd" --config-file /run/skep/daemon.json \
    --data-root "$data" --exec-root /run/skep/exec --pidfile /run/skep/docker.pid \
    --host "unix://$dir/docker.sock" --group "$gid" \
    --cgroup-parent "/$cgroup" --exec-opt native.cgroupdriver=cgroupfs --dns 127.0.0.1 \
    --insecure-registry 198.18.0.0/15 \
    </dev/null >"$dir/dockerd.log" 2>&1 &
  engine=$!
  printf '%s\n' "$record"
  exec 3<&0 </dev/null >/dev/null
  cat <&3 &
  # Waits for the lifeline or the engine to end, and reaps what the shims leave behind.
  wait -n || true
  kill -0 "$engine" 2>/dev/null || exit "$ENGINE_ENDED"
  ;;
hub)
  dir=$1
  # One piece for this machine's end and one for each of three engines.
  pick_pieces 4
  trap : INT HUP TERM
  status=0
  unshare --net -- "$BASH" "$0" bridge "$$" "$veth" "$host" "$piece" || status=$?
  ip link delete dev "$veth" 2>/dev/null || true
  # Engines that end at the same moment may still write.
  for try in $(seq 1 500); do rm -rf -- "$dir" 2>/dev/null && break; sleep 0.02; done
  exit "$status"
  ;;
bridge)
  keeper=$1 veth=$2 host=$3 piece=$4
  ip link set lo up
  ip link add "$BRIDGE" type bridge
  ip link set "$BRIDGE" up
  ip link add uplink type veth peer name "$veth" netns "$keeper"
  ip link set uplink master "$BRIDGE" up
  set_up "/proc/$keeper/ns/net" "$host/28" "$veth"
  printf '{"pid":%d,"piece":%d,"address":"%s"}\n' "$$" "$piece" "$host"
  # The lifeline; its process id is the one printed.
  exec cat >/dev/null
  ;;
clean)
  dir=$1 veth=$2 cgroup=$3 init=$4
  pid=${init%%:*}
  if [ "$(identity "$pid")" = "$init" ]; then
    kill -KILL "$pid" 2>/dev/null || true
    while [ "$(identity "$pid")" = "$init" ]; do sleep 0.02; done
  fi
  remove_rest "$dir" "$veth" "$cgroup"
  ;;
*) fail "unknown stage $stage" ;;
esac
