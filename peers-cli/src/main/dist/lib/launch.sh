# What the launchers in bin have in common: they read it, having found the build to start.
# In: $program, its name; $lib, the installation's directory of that name; $build, the name of the build in it.
dir=$lib/$build
if [ -n "$JAVA_HOME" ] && [ -x "$JAVA_HOME/bin/java" ]; then java=$JAVA_HOME/bin/java; else java=java; fi
command -v "$java" >/dev/null 2>&1 || {
  echo "$program: no Java found; install a JDK 17 or newer, or set JAVA_HOME" >&2
  exit 1
}
# The path that the user has called, with the links that lead to it: the name of the directory has some as well.
called=$0
case $called in
  /*) ;;
  *) [ "$PWD" -ef . ] && called=$PWD/$called ;;
esac
# A JVM cannot start in a directory that was removed. A shell keeps its name, and 'pwd' may print nothing and succeed.
removed=
if ! [ "$PWD" -ef . ] && ! /bin/pwd >/dev/null 2>&1; then
  echo "$program: the directory that this was started in was removed; it works in / instead" >&2
  # What needs that directory refuses, and does not take / for it. Some shells have lost its name.
  removed=${PWD:-/(removed)}
  cd /
fi
# In the C locale a JVM could not read a path or an argument that is not ASCII.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-C}}} in
  C | POSIX)
    LC_ALL=C.UTF-8
    export LC_ALL
    ;;
esac

# Sets $found to a file that was made for this JDK and build, in this place or in the cache; else to nothing.
start_file() {
  found=
  if [ -z "$jdk" ]; then
    home=${java%/bin/java}
    if [ ! -f "$home/release" ]; then
      home=$(readlink -f "$(command -v "$java")" 2>/dev/null)
      home=${home%/bin/java}
    fi
    [ -f "$home/release" ] && [ -r "$home/release" ] || return 0
    while IFS='=' read -r name value; do
      if [ "$name" = JAVA_RUNTIME_VERSION ]; then
        jdk=${value#\"}
        jdk=${jdk%\"}
      fi
    done <"$home/release"
    place=$(CDPATH= cd "$dir" && pwd -P)
  fi
  for start in "${XDG_CACHE_HOME:-$HOME/.cache}/claude-peers/$build" "$dir/start$place"; do
    # One that is older than the jar was made for another; a JVM 25 would run what is in it.
    if [ -f "$start/$jdk/$1" ] && [ -r "$start/$jdk/$1" ] && ! [ "$jar" -nt "$start/$jdk/$1" ]; then
      found=$start/$jdk/$1
      return 0
    fi
  done
}
jdk=

# Sets $archive to the option that has the JVM read what was made for relay, broker or command, and $quiet to one that
# has it say nothing of that; else to nothing.
start_archive() {
  archive=
  quiet=
  found=
  # A JVM refuses to start with a cache and what a user may have set of archives.
  case "$JAVA_TOOL_OPTIONS $JDK_JAVA_OPTIONS $PEERS_JAVA_OPTS" in
    *-Xshare* | *Archive* | *AOT*) return 0 ;;
  esac
  start_file "$1.aot"
  if [ -n "$found" ]; then
    archive=-XX:AOTCache=$found
    # One that does not fit is passed over, and is no news.
    quiet='-Xlog:aot*=off:stderr'
  else
    start_file "$1.jsa"
    archive=${found:+-XX:SharedArchiveFile=$found}
  fi
}

case $program in
  peers-mcp)
    jar=$dir/peers-relay.jar
    start_archive relay
    # Named, because looking for it takes a sixth of the start.
    selector=
    if [ -r /proc/self/stat ]; then
      selector=-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider
    fi
    exec "$java" "@$dir/relay.args" ${selector:+"$selector"} ${quiet:+"$quiet"} ${archive:+"$archive"} \
      "-Dpeers.launcher=$called" -cp "$jar" dev.peers.relay.Relay "$@"
    ;;
  peers)
    jar=$dir/peers-mcp.jar
    if [ "$1" = broker ]; then
      # It lives long, so it runs as one that a session starts.
      start_archive broker
      exec "$java" "@$dir/broker.args" ${found:+"$archive" "-Dorg.sqlite.lib.path=${found%/*}"} $PEERS_JAVA_OPTS \
        ${removed:+"-Dpeers.removed.directory=$removed"} "-Dpeers.launcher=$called" -cp "$jar" dev.peers.cli.Main "$@"
    fi
    start_archive command
    exec "$java" "@$dir/command.args" ${quiet:+"$quiet"} ${archive:+"$archive"} $PEERS_JAVA_OPTS \
      ${removed:+"-Dpeers.removed.directory=$removed"} "-Dpeers.launcher=$called" -cp "$jar" dev.peers.cli.Main "$@"
    ;;
esac
