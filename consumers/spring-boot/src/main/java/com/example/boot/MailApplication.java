package com.example.boot;

import dev.peers.Broker;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** An application that keeps a broker, and lets other programs in. Spring closes what it opens. */
@SpringBootApplication
public class MailApplication {
  public static void main(String[] args) {
    SpringApplication.run(MailApplication.class, args);
  }

  @Bean
  Broker broker(@Value("${mail.database}") Path database) {
    return LocalBroker.over(
            Providers.of(StoreProvider.class).named("sqlite").open(StoreConfig.at(database)))
        .build();
  }

  @Bean
  BrokerServer server(
      Broker broker, @Value("${mail.port:0}") int port, @Value("${mail.token}") String token) {
    ServerConfig config = ServerConfig.withToken("127.0.0.1", port, token, () -> {});
    return Providers.of(ServerProvider.class).named("http").serve(broker, config);
  }
}
