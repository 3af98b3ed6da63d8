package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerLookupTest {
  private final LocalBroker broker = LocalBroker.over(new InMemoryStore()).build();
  private final PeerId eel = join("a", "/w/eel", "Anna");
  private final PeerId owl = join("b", "/w/owl-house", null);
  private final PeerId owl2 = join("c", "/w/owl-house", null);

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void findsByIdNameAndBeginning() {
    assertThat(found(eel.value())).isEqualTo(eel);
    assertThat(found(" Anna ")).isEqualTo(eel);
    assertThat(found("anna")).isEqualTo(eel);
    assertThat(found("eel-")).isEqualTo(eel);
    assertThat(found("operator")).isEqualTo(PeerId.OPERATOR);
  }

  @Test
  void findsAPeerThatIsAway() {
    broker.setSummary(eel, "Mending nets.", Summary.Source.MANUAL);
    broker.unregister(eel);
    assertThat(found("Anna")).isEqualTo(eel);
    PeerId heir = join("d", "/w/other", "Anna");
    assertThat(found("Anna")).isEqualTo(heir);
  }

  @Test
  void namesTheCandidates() {
    assertRefused("owl-", ErrorCode.AMBIGUOUS_PEER, owl.value());
    assertRefused("owl-", ErrorCode.AMBIGUOUS_PEER, owl2.value());
    assertRefused("eell", ErrorCode.UNKNOWN_PEER, "did you mean " + eel + " (Anna)?");
    assertRefused("ann", ErrorCode.UNKNOWN_PEER, "did you mean " + eel);
    assertRefused("xyz", ErrorCode.UNKNOWN_PEER, "there are " + eel);
    assertRefused("", ErrorCode.UNKNOWN_PEER, "there are " + eel);
  }

  @Test
  void findsTheOneActivePeerOfAProject() {
    PeerId named = join("d", "/w/tide-pool", "Dora");
    assertThat(found("eel")).isEqualTo(eel);
    assertThat(found("EEL")).isEqualTo(eel);
    assertThat(found("tide-pool")).isEqualTo(named);
    assertRefused("owl-house", ErrorCode.AMBIGUOUS_PEER, owl.value());
    assertRefused("OWL-house", ErrorCode.AMBIGUOUS_PEER, owl2.value());
    broker.unregister(eel);
    assertRefused("eel", ErrorCode.UNKNOWN_PEER, "no peer is called 'eel'");
    broker.unregister(owl2);
    assertThat(found("owl-house")).isEqualTo(owl);
  }

  @Test
  void idsNamesAndBeginningsWinOverProjects() {
    PeerId byName = join("d", "/w/other", "eel");
    assertThat(found("eel")).isEqualTo(byName);
    PeerId cods = join("e", "/w/cods", null);
    join("e", "/w/somewhere", null);
    PeerId mover = join("f", "/w/mover", null);
    join("f", "/w/cods", null);
    assertThat(found("cods")).isEqualTo(cods);
    join("f", "/w/" + cods, null);
    assertThat(found(cods.value())).isEqualTo(cods);
    assertThat(found(mover.value())).isEqualTo(mover);
  }

  @Test
  void aProjectOfThatVeryNameDecidesBetweenBeginnings() {
    PeerId crab = join("d", "/w/crab", null);
    join("e", "/w/crab-nets", null);
    assertThat(found("crab")).isEqualTo(crab);
    assertRefused("crab-", ErrorCode.AMBIGUOUS_PEER, crab.value());
  }

  @Test
  void whoAsksIsNotMeantWhereAnotherMayBe() {
    assertThat(found("owl-house", owl)).isEqualTo(owl2);
    assertThat(found("owl-", owl2)).isEqualTo(owl);
    assertThat(found(owl.value(), owl)).isEqualTo(owl);
    assertThat(found("Anna", eel)).isEqualTo(eel);
    assertThat(found("eel-", eel)).isEqualTo(eel);
    assertThatThrownBy(() -> found("eel", eel))
        .hasMessageContaining("no peer is called 'eel'")
        .hasMessageNotContaining(eel.value());
    assertThatThrownBy(() -> found("nobody", owl))
        .hasMessageContaining("there are " + eel)
        .hasMessageNotContaining(owl + " ");
    broker.send(OutgoingMessage.of(eel, owl, "seen"));
    broker.unregister(eel);
    broker.unregister(owl2);
    assertThatThrownBy(() -> found("nobody", owl))
        .hasMessageContaining("no other peer is active; away are ")
        .hasMessageContaining(eel.value());
  }

  private PeerId found(String reference, PeerId self) {
    return PeerLookup.resolve(broker, reference, self).id();
  }

  private PeerId found(String reference) {
    return PeerLookup.resolve(broker, reference).id();
  }

  private void assertRefused(String reference, ErrorCode code, String text) {
    assertThatThrownBy(() -> found(reference))
        .isInstanceOfSatisfying(PeersException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }

  private PeerId join(String key, String cwd, String name) {
    return broker
        .register(Registration.builder(new SessionKey(key), Workspace.of(cwd)).name(name).build())
        .id();
  }
}
