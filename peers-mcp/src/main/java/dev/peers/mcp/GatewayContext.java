package dev.peers.mcp;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.Broker;
import dev.peers.mcp.wake.IdleSessionWaker;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * What all sessions of a gateway share.
 *
 * @param broker what they talk to
 * @param timer runs their heartbeats
 * @param workers runs their calls, which may block
 * @param owners which session speaks for a peer now
 * @param wakes is told when a session begins and ends
 * @param mapper reads and writes their lines
 * @param pushesPerMinute the most messages pushed to one of them in a minute; 0 for any number
 * @param summaries has summaries written; null for none
 * @param machine what this machine is called, for a broker on another one; else null
 */
record GatewayContext(
    Broker broker,
    ScheduledExecutorService timer,
    Executor workers,
    SessionOwners owners,
    IdleSessionWaker wakes,
    ObjectMapper mapper,
    int pushesPerMinute,
    @Nullable SummaryScheduler summaries,
    @Nullable String machine) {}
