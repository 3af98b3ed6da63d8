package dev.peers;

/**
 * What a broker says of itself.
 *
 * @param version the broker's version, such as {@code 0.1.0}
 * @param protocol the number of the wire protocol it speaks
 * @param activePeers how many peers are active
 * @param pid the process id of the broker, on its own machine
 * @since 0.1
 */
public record BrokerStatus(String version, int protocol, int activePeers, long pid) {
  /** The wire protocol of this version of the library. */
  public static final int PROTOCOL = 1;

  /** Checks that the required parts are there. */
  public BrokerStatus {
    Checks.required("version", version);
  }
}
