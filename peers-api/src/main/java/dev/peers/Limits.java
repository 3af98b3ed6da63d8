package dev.peers;

import java.time.Duration;

/**
 * What a broker allows; 0 lifts a limit.
 *
 * @param maxUnread the most undelivered messages one mailbox holds, up to {@value Batch#MAX_COUNT}
 * @param messagesPerMinute the most messages that one sender, and two peers together, send in a
 *     minute, half of it at once
 * @param repliesPerHour the most answers in an hour in one conversation: of two peers that take
 *     turns, or in a chain of messages each of which answers the one before; from half of it on
 *     they are slowed. A guard against agents that answer each other for ever
 * @param timeToLive how long an undelivered message is kept, 1 ms to 36,500 days
 * @param retention how long a delivered or expired message is kept, 0 to 36,500 days
 * @since 0.1
 */
public record Limits(
    int maxUnread,
    int messagesPerMinute,
    int repliesPerHour,
    Duration timeToLive,
    Duration retention) {
  // A century: what is beyond it leaves the dates that stores and wires can write.
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** 1,000 unread, 120 a minute, 100 turns an hour, a week to live, 30 days of history. */
  public static final Limits DEFAULT =
      new Limits(1_000, 120, 100, Duration.ofDays(7), Duration.ofDays(30));

  /** Checks the ranges. */
  public Limits {
    if (maxUnread < 0) {
      throw Checks.invalid("unread limit " + maxUnread + " is negative; 0 lifts it");
    }
    if (maxUnread > Batch.MAX_COUNT) {
      throw Checks.invalid(
          "unread limit "
              + maxUnread
              + " is more than "
              + Batch.MAX_COUNT
              + ", the most that can be counted; 0 lifts it");
    }
    if (messagesPerMinute < 0) {
      throw Checks.invalid("rate limit " + messagesPerMinute + " is negative; 0 lifts it");
    }
    if (repliesPerHour < 0) {
      throw Checks.invalid("turn limit " + repliesPerHour + " is negative; 0 lifts it");
    }
    Checks.required("timeToLive", timeToLive);
    Checks.required("history", retention);
    requireBetween("time to live", timeToLive, Duration.ofMillis(1));
    requireBetween("history", retention, Duration.ZERO);
  }

  private static void requireBetween(String what, Duration value, Duration least) {
    if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
      throw Checks.invalid(
          what + " " + value + " is out of range; expected " + least + " to " + LONGEST);
    }
  }
}
