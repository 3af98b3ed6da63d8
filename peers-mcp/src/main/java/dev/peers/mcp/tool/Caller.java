package dev.peers.mcp.tool;

/** Which agent of a session calls a tool. Mail is for the main agent alone. */
public enum Caller {
  /** The one that the user talks to, and all agents of clients that have no others. */
  MAIN,
  /** One that another agent has started for a part of its work. */
  SUB_AGENT,
  /** One of the two: no hook has told which. */
  UNKNOWN
}
