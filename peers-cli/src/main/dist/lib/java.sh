# What the launchers share, read by them: which Java runs, and what makes it start faster.
# In: $lib, this directory, and $program, for messages. Out: $java, and start_archive NAME.
if [ -n "$JAVA_HOME" ] && [ -x "$JAVA_HOME/bin/java" ]; then java=$JAVA_HOME/bin/java; else java=java; fi
command -v "$java" >/dev/null 2>&1 || {
  echo "$program: no Java found; install a JDK 17 or newer, or set JAVA_HOME" >&2
  exit 1
}
# A JVM cannot start in a directory that is gone.
pwd >/dev/null 2>&1 || cd /
# In the C locale a JVM could not read a path or an argument that is not ASCII.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-C}}} in
  C | POSIX)
    LC_ALL=C.UTF-8
    export LC_ALL
    ;;
esac

# Sets $found to a file that was made for this JDK, by the build or by a broker in the cache; else to nothing.
start_file() {
  found=
  if [ -z "$jdk" ]; then
    home=${java%/bin/java}
    if [ ! -r "$home/release" ]; then
      home=$(readlink -f "$(command -v "$java")" 2>/dev/null)
      home=${home%/bin/java}
    fi
    [ -r "$home/release" ] || return 0
    while IFS='=' read -r name value; do
      if [ "$name" = JAVA_RUNTIME_VERSION ]; then
        jdk=${value#\"}
        jdk=${jdk%\"}
      fi
    done <"$home/release"
  fi
  for start in "${XDG_CACHE_HOME:-$HOME/.cache}/claude-peers/${revision}" "$lib/start"; do
    if [ -r "$start/$jdk/$1" ]; then
      found=$start/$jdk/$1
      return 0
    fi
  done
}
jdk=

# Sets $archive to the option that has the JVM read what was made for a program, relay or broker; else to nothing.
start_archive() {
  archive=
  found=
  # A JVM refuses to start with a cache and what a user may have set of archives.
  case "$JAVA_TOOL_OPTIONS $JDK_JAVA_OPTIONS $PEERS_JAVA_OPTS" in
    *-Xshare* | *Archive* | *AOT*) return 0 ;;
  esac
  start_file "$1.aot"
  if [ -n "$found" ]; then
    archive=-XX:AOTCache=$found
  else
    start_file "$1.jsa"
    archive=${found:+-XX:SharedArchiveFile=$found}
  fi
}
