#!/bin/sh
# Builds and runs the Gradle project, with a Gradle that is installed; says so where none is that will do.
# Arguments: the project, the repository that Peers was put into, where to work, and the version of Peers.
set -eu
found=$(gradle --version 2>/dev/null | sed -n 's/^Gradle //p') || found=
major=${found%%.*}
minor=${found#*.}
minor=${minor%%[.-]*}
case ${major:-0} in
  0) echo "consumers/gradle is skipped: there is no gradle here." && exit 0 ;;
  [1-6]) echo "consumers/gradle is skipped: it needs Gradle 7.3 or newer, and here is $found." && exit 0 ;;
  7) [ "${minor:-0}" -ge 3 ] ||
    { echo "consumers/gradle is skipped: it needs Gradle 7.3 or newer, and here is $found." && exit 0; } ;;
esac
rm -rf "$3/gradle"
mkdir -p "$3"
cp -R "$1" "$3/gradle"
cd "$3/gradle"
exec gradle --no-daemon --quiet --gradle-user-home "$3/gradle-home" \
  "-Dmaven.repo.local=$2" "-PpeersVersion=$4" run
