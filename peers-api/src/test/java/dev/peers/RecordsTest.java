package dev.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.spi.StoredPeer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the nouns refuse, and how they say it. */
class RecordsTest {
  private static final PeerId EEL = new PeerId("eel-k3f9");
  private static final PeerId CRAB = new PeerId("crab-2222");

  @Test
  void anIdHasOneForm() {
    assertThat(EEL).hasToString("eel-k3f9");
    for (String wrong :
        Arrays.asList(null, "", "-eel", "Eel-k3f9", "eel k3f9", "é", "a".repeat(41))) {
      refused(() -> new PeerId(wrong), "expected 1 to 40 of a-z, 0-9 and '-', such as eel-k3f9");
    }
  }

  @Test
  void aMessageIdIsAPositiveNumber() {
    assertThat(MessageId.parse(" 42 ").value()).isEqualTo(42);
    refused(() -> new MessageId(0), "message id 0 is out of range; ids start at 1");
    refused(() -> MessageId.parse("soon"), "message id 'soon' is not a number");
    refused(() -> MessageId.parse("99999999999999999999"), "is not a number");
  }

  @Test
  void aMessageIsBoundedInBytesNotCharacters() {
    OutgoingMessage.of(EEL, CRAB, "x".repeat(64 * 1024));
    OutgoingMessage.of(EEL, CRAB, "é".repeat(32 * 1024));
    refused(
        () -> OutgoingMessage.of(EEL, CRAB, "x".repeat(64 * 1024 + 1)),
        "message has 65537 bytes; at most 65536 are allowed. Shorten it, or put it in a file");
    refused(
        () -> OutgoingMessage.of(EEL, CRAB, "é".repeat(32 * 1024 + 1)), "message has 65538 bytes");
    refused(() -> OutgoingMessage.of(EEL, CRAB, " \n"), "message is blank");
  }

  @Test
  void aMessageIsNotCutWithinACharacter() {
    OutgoingMessage.of(EEL, CRAB, "\uD83D\uDE80 \uD83D\uDE80");
    refused(
        () -> OutgoingMessage.of(EEL, CRAB, "abc\uD83D"),
        "message has half a character at position 3");
    refused(
        () -> OutgoingMessage.of(EEL, CRAB, "\uD83D\uDE80\uDE80"),
        "half a character at position 2");
    refused(
        () -> OutgoingMessage.of(EEL, CRAB, "\uD83D\uD83D\uDE80"),
        "half a character at position 0");
  }

  @Test
  void aSummaryIsBoundedToo() {
    refused(
        () -> new Summary("x".repeat(2049), Summary.Source.MANUAL, Instant.EPOCH),
        "summary has 2049 bytes; at most 2048 are allowed");
  }

  @Test
  void whatIsShownOnOneLineIsOneLine() {
    refused(() -> Workspace.of("/a\nb"), "working directory contains a control character");
    refused(() -> Workspace.of(""), "working directory is missing");
    refused(
        () ->
            Registration.builder(new SessionKey("k"), Workspace.of("/a"))
                .name("x".repeat(41))
                .build(),
        "name has 41 characters; at most 40 are allowed");
    refused(() -> new ProcessRef(0, null), "process id 0 is out of range");
  }

  @Test
  void aSessionKeyIsNotPrinted() {
    assertThat(new SessionKey("5f2b-secret").toString()).doesNotContain("5f2b-secret");
  }

  @Test
  void whatIsComparedByHandIsComparedInAll() {
    assertThat(new PeerId("eel-k3f9")).isEqualTo(EEL).hasSameHashCodeAs(EEL).isNotEqualTo(CRAB);
    SessionKey key = new SessionKey("k");
    assertThat(new SessionKey("k")).isEqualTo(key).hasSameHashCodeAs(key);
    assertThat(new SessionKey("l")).isNotEqualTo(key);
    assertThat(key).isNotEqualTo("k").isNotEqualTo(null);

    Peer eel = Peer.builder(EEL, Workspace.of("/a"), Instant.EPOCH).build();
    StoredPeer stored = new StoredPeer(eel, key, "here");
    assertThat(new StoredPeer(eel.toBuilder().build(), new SessionKey("k"), "here"))
        .isEqualTo(stored)
        .hasSameHashCodeAs(stored);
    // One for each component: another one needs another line.
    assertThat(StoredPeer.class.getRecordComponents()).hasSize(4);
    assertThat(new StoredPeer(eel.toBuilder().name("Ada").build(), key, "here"))
        .isNotEqualTo(stored);
    assertThat(new StoredPeer(eel, new SessionKey("l"), "here")).isNotEqualTo(stored);
    assertThat(new StoredPeer(eel, key, List.of(new SessionKey("l")), "here")).isNotEqualTo(stored);
    assertThat(new StoredPeer(eel, key, null)).isNotEqualTo(stored);
  }

  @Test
  void aPeerAndARegistrationSurviveTheirBuilders() {
    Peer peer =
        Peer.builder(EEL, Workspace.of("/a"), Instant.EPOCH)
            .name("Ada")
            .process(new ProcessRef(7, Instant.EPOCH))
            .agent("claude-code")
            .tty("pts/1")
            .summary(new Summary("Mending nets.", Summary.Source.MANUAL, Instant.EPOCH))
            .presence(Presence.AWAY)
            .lastSeen(Instant.MAX)
            .build();
    Registration registration =
        Registration.builder(new SessionKey("k"), Workspace.of("/a"))
            .name("Ada")
            .process(new ProcessRef(7, null))
            .parent(new ProcessRef(6, null))
            .agent("claude-code")
            .tty("pts/1")
            .summary("Mending nets.")
            .instance("one")
            .build();

    assertThat(peer.toBuilder().build()).isEqualTo(peer);
    assertThat(registration.toBuilder().build()).isEqualTo(registration);
  }

  @Test
  void aProjectIsTheRepositoryOrTheDirectory() {
    assertThat(Workspace.of("/code/eel").project()).isEqualTo("eel");
    assertThat(Workspace.of("C:\\work\\eel").project()).isEqualTo("eel");
    assertThat(Workspace.of("/").project()).isEqualTo("/");
    assertThat(new Workspace("/code/eel/src", "/code/eel", null, "main").project())
        .isEqualTo("eel");
    assertThat(new Workspace("/wt/x", "/wt/x", "/code/eel/.git", "x").project()).isEqualTo("eel");
    assertThat(new Workspace("/wt/x", "/wt/x", "/srv/eel.git", "x").project()).isEqualTo("eel");
  }

  @Test
  void aScopeIsNamedAlikeEverywhere() {
    Workspace tree = new Workspace("/wt/x", "/wt/x", "/code/eel/.git", "x");
    Supplier<Workspace> nobodyAsks =
        () -> {
          throw new AssertionError("the machine has no place");
        };

    assertThat(Scope.named("machine", nobodyAsks)).isEqualTo(Scope.machine());
    assertThat(Scope.named(" Directory ", () -> tree)).isEqualTo(Scope.directory("/wt/x"));
    assertThat(Scope.named("repo", () -> tree)).isEqualTo(Scope.repository("/code/eel/.git"));
    assertThat(Scope.named("repo", () -> Workspace.of("/a"))).isEqualTo(Scope.directory("/a"));
    refused(
        () -> Scope.named("planet", nobodyAsks),
        "scope 'planet' is unknown; expected machine, directory, repo or network");
  }

  @Test
  void aScopeEndsAtTheMachine() {
    Workspace here = new Workspace("/code/eel", "/code/eel", null, "main", "ada");
    Workspace there = here.onHost("bob");
    for (String name : new String[] {"machine", "directory", "repo"}) {
      Scope scope = Scope.named(name, () -> here).onHost("ada");
      assertThat(scope.includes(here)).isTrue();
      assertThat(scope.includes(there)).isFalse();
      assertThat(scope.onHost("bob")).isEqualTo(scope);
    }
    assertThat(Scope.named("network", () -> here).includes(there)).isTrue();
    assertThat(Scope.machine().includes(here.onHost(null))).isTrue();
  }

  @Test
  void aCodeKeepsItsNameOnTheWire() {
    assertThat(ErrorCode.MAILBOX_FULL.wireName()).isEqualTo("mailbox_full");
    assertThat(ErrorCode.fromWireName("rate_limited")).contains(ErrorCode.RATE_LIMITED);
    assertThat(ErrorCode.fromWireName("RATE_LIMITED")).isEmpty();
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }
}
