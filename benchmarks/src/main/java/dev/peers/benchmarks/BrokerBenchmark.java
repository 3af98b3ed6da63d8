package dev.peers.benchmarks;

import dev.peers.Batch;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerQuery;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What the broker does most, beside few and many peers, and beside a full mailbox. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class BrokerBenchmark {

  /** A durable send by one caller: one commit each. */
  @Benchmark
  public Receipt sendAlone(BrokerOnDisk on) {
    return on.broker.send(OutgoingMessage.of(on.ids.get(2), on.ids.get(3), "hello"));
  }

  /** Durable sends by 64 callers, which share commits; the time is that of one caller. */
  @Benchmark
  @Threads(64)
  public Receipt sendInACrowd(BrokerOnDisk on) {
    return on.broker.send(OutgoingMessage.of(on.ids.get(2), on.ids.get(3), "hello"));
  }

  /** A look into an empty mailbox, beside one that may be full. */
  @Benchmark
  public Batch pollNothing(BrokerOnDisk on) {
    return on.broker.receive(on.ids.get(4), ReceiveRequest.queued(10, Duration.ofSeconds(30)));
  }

  /** All peers. */
  @Benchmark
  public List<Peer> list(BrokerOnDisk on) {
    return on.broker.list(PeerQuery.everyone());
  }
}
