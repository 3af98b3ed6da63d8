#!/usr/bin/env bash
# jdbi3-bom manages org.jdbi:jdbi3-sqlite at versions that were never published.
#
# Seen with jdbi3-bom 3.49.5, 3.50.0 and 3.55.0 on 2026-11-29 (Maven 3.8.7): jdbi3-sqlite 3.48.0 exists, these do not, and
# each of these BOMs manages it at its own version, so a project that imports one (Micronaut's SQL BOM does that for its
# users) and names jdbi3-sqlite without a version cannot be built:
#   Could not find artifact org.jdbi:jdbi3-sqlite:jar:3.55.0
# An explicit 3.48.0 resolves. Peers uses jdbi3-core alone for that reason.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# resolve BOM [VERSION]: Maven's output for a project that imports the BOM and depends on jdbi3-sqlite.
resolve() {
  mkdir -p "$work/$1${2:-}"
  cat > "$work/$1${2:-}/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>trial</groupId><artifactId>trial</artifactId><version>1</version>
  <dependencyManagement><dependencies><dependency>
    <groupId>org.jdbi</groupId><artifactId>jdbi3-bom</artifactId><version>$1</version>
    <type>pom</type><scope>import</scope>
  </dependency></dependencies></dependencyManagement>
  <dependencies><dependency>
    <groupId>org.jdbi</groupId><artifactId>jdbi3-sqlite</artifactId>${2:+<version>$2</version>}
  </dependency></dependencies>
</project>
POM
  mvn -B -Dmaven.repo.local="$work/repository" -f "$work/$1${2:-}/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.9.0:resolve 2>&1
}

for bom in 3.49.5 3.50.0 3.55.0; do
  if output=$(resolve "$bom"); then
    echo "changed: jdbi3-sqlite $bom, which jdbi3-bom $bom manages, resolves now"
    exit 1
  fi
  if ! grep -q "Could not find artifact org.jdbi:jdbi3-sqlite:jar:$bom" <<< "$output"; then
    echo "changed: jdbi3-bom $bom fails in another way:"
    grep ERROR <<< "$output" | head -3
    exit 1
  fi
  echo "jdbi3-bom $bom: Could not find artifact org.jdbi:jdbi3-sqlite:jar:$bom"
done
if ! resolve 3.55.0 3.48.0 > "$work/explicit"; then
  echo "changed: an explicit jdbi3-sqlite 3.48.0 does not resolve"
  exit 1
fi
echo "jdbi3-bom 3.55.0 with an explicit jdbi3-sqlite 3.48.0 resolves"
