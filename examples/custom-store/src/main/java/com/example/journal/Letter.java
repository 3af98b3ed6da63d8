package com.example.journal;

import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.Receipt;
import dev.peers.Sender;
import dev.peers.spi.NewMessage;
import java.time.Instant;

/** A message and how far it has come. */
final class Letter {
  final MessageId id;
  final NewMessage content;

  private MessageState state = MessageState.QUEUED;
  private int attempts;
  private Instant offeredAt;
  private Instant leaseEnd;
  private Instant deliveredAt;

  Letter(MessageId id, NewMessage content) {
    this.id = id;
    this.content = content;
  }

  static Letter read(Line line) {
    MessageId id = MessageId.parse(line.text());
    Sender from =
        new Sender(new PeerId(line.text()), line.text(), line.text(), line.text(), line.text());
    PeerId to = new PeerId(line.text());
    String text = line.text();
    Instant sentAt = line.time();
    Instant expiresAt = line.time();
    String answered = line.text();
    MessageId inReplyTo = answered == null ? null : MessageId.parse(answered);
    return new Letter(
        id, new NewMessage(from, to, text, sentAt, expiresAt, inReplyTo, line.text()));
  }

  Line toLine() {
    return new Line("mail")
        .add(id)
        .add(content.from().id())
        .add(content.from().name())
        .add(content.from().project())
        .add(content.from().cwd())
        .add(content.from().summary())
        .add(content.to())
        .add(content.text())
        .add(content.sentAt())
        .add(content.expiresAt())
        .add(content.inReplyTo())
        .add(content.idempotencyKey());
  }

  Line stateLine() {
    return new Line("state")
        .add(id)
        .add(state)
        .add(attempts)
        .add(offeredAt)
        .add(leaseEnd)
        .add(deliveredAt);
  }

  void readState(Line line) {
    state = MessageState.valueOf(line.text());
    attempts = (int) line.number();
    offeredAt = line.time();
    leaseEnd = line.time();
    deliveredAt = line.time();
  }

  void offer(Instant now, Instant until) {
    state = MessageState.OFFERED;
    attempts++;
    offeredAt = now;
    leaseEnd = until;
  }

  void deliver(Instant now) {
    state = MessageState.DELIVERED;
    deliveredAt = now;
  }

  void expire() {
    state = MessageState.EXPIRED;
  }

  int attempts() {
    return attempts;
  }

  boolean isNew() {
    return attempts == 0 && !isFinished();
  }

  boolean isFinished() {
    return state == MessageState.DELIVERED || state == MessageState.EXPIRED;
  }

  boolean isLeased(Instant now) {
    return leaseEnd != null && leaseEnd.isAfter(now);
  }

  boolean isOverdue(Instant now) {
    return !content.expiresAt().isAfter(now);
  }

  Message message() {
    return new Message(
        id, content.from(), content.to(), content.text(), content.sentAt(), content.inReplyTo());
  }

  /** What the sender may know. Time alone ends a lease and a life: no line says so. */
  Receipt receipt(Instant now) {
    MessageState shown = state;
    if (!isFinished() && isOverdue(now)) {
      shown = MessageState.EXPIRED;
    } else if (state == MessageState.OFFERED && !isLeased(now)) {
      shown = MessageState.QUEUED;
    }
    return new Receipt(
        id,
        content.from().id(),
        content.to(),
        shown,
        content.sentAt(),
        offeredAt,
        attempts,
        deliveredAt,
        content.expiresAt());
  }
}
