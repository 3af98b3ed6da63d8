package dev.peers;

import java.time.Duration;

/**
 * What a broker allows; 0 lifts a limit.
 *
 * @param maxUnread the most undelivered messages one mailbox holds
 * @param maxRate the most messages one sender sends in a minute, half of it at once
 * @param timeToLive how long an undelivered message is kept
 * @param history how long a delivered or expired message is kept
 */
public record Limits(int maxUnread, int maxRate, Duration timeToLive, Duration history) {
  /** 1,000 unread, 120 a minute, a week to live, 30 days of history. */
  public static final Limits DEFAULT =
      new Limits(1_000, 120, Duration.ofDays(7), Duration.ofDays(30));

  /** Checks the ranges. */
  public Limits {
    if (maxUnread < 0) {
      throw Text.invalid("unread limit " + maxUnread + " is negative; 0 lifts it");
    }
    if (maxRate < 0) {
      throw Text.invalid("rate limit " + maxRate + " is negative; 0 lifts it");
    }
    Text.required("timeToLive", timeToLive);
    Text.required("history", history);
  }
}
