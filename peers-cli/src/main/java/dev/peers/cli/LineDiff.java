package dev.peers.cli;

import java.util.ArrayList;
import java.util.List;

/** The lines in which two texts differ. */
final class LineDiff {
  /** Above this many pairs of lines to compare, all of the lines count as changed. */
  private static final long MAX_PAIRS = 4_000_000;

  private static final int MAX_WIDTH = 160;

  private LineDiff() {}

  /**
   * What has changed, as {@code diff -U0} shows it. Lines that stay are not shown: somebody's
   * secrets may be in them.
   */
  static List<String> between(String before, String after) {
    List<String> old = before.lines().toList();
    List<String> now = after.lines().toList();
    int[][] common = common(old, now);
    List<String> diff = new ArrayList<>();
    int i = 0;
    int j = 0;
    boolean within = false;
    while (i < old.size() || j < now.size()) {
      if (i < old.size() && j < now.size() && old.get(i).equals(now.get(j))) {
        i++;
        j++;
        within = false;
        continue;
      }
      if (!within) {
        diff.add("@@ -" + (i + 1) + " +" + (j + 1) + " @@");
        within = true;
      }
      if (j == now.size() || (i < old.size() && at(common, i + 1, j) >= at(common, i, j + 1))) {
        diff.add("-" + shortened(old.get(i++)));
      } else {
        diff.add("+" + shortened(now.get(j++)));
      }
    }
    return diff;
  }

  /** How many lines are common to what is left of both texts; nothing if that takes too long. */
  private static int[][] common(List<String> old, List<String> now) {
    if ((long) old.size() * now.size() > MAX_PAIRS) {
      return new int[0][];
    }
    int[][] common = new int[old.size() + 1][now.size() + 1];
    for (int i = old.size() - 1; i >= 0; i--) {
      for (int j = now.size() - 1; j >= 0; j--) {
        common[i][j] =
            old.get(i).equals(now.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }

  private static int at(int[][] common, int i, int j) {
    return common.length == 0 ? 0 : common[i][j];
  }

  private static String shortened(String line) {
    return line.length() <= MAX_WIDTH ? line : line.substring(0, MAX_WIDTH) + "…";
  }
}
