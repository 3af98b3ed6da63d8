package com.example.journal;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A record of the journal: a kind and fields, on one line behind its checksum. A field may hold any
 * text, and may be null. It is written with {@link #add} and then read, field by field, once.
 */
final class Line {
  private static final int CHECKSUM_LENGTH = 8;
  private static final String NULL = "\\0";

  private final List<String> fields = new ArrayList<>();
  private int next = 1;

  Line(String kind) {
    fields.add(kind);
  }

  Line add(Object value) {
    fields.add(value == null ? null : value.toString());
    return this;
  }

  String kind() {
    return fields.get(0);
  }

  boolean hasNext() {
    return next < fields.size();
  }

  /** The next field; null if that was written. */
  String text() {
    return fields.get(next++);
  }

  long number() {
    return Long.parseLong(text());
  }

  /** The next field as a time; null if that was written. */
  Instant time() {
    String text = text();
    return text == null ? null : Instant.parse(text);
  }

  byte[] encode() {
    StringBuilder text = new StringBuilder();
    for (String field : fields) {
      text.append('\t').append(field == null ? NULL : escape(field));
    }
    byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
    String line = checksum(content, 0, content.length) + text + '\n';
    return line.getBytes(StandardCharsets.UTF_8);
  }

  /** Reads a line with its end; null for one that was not written to its end. */
  static Line decode(byte[] bytes) {
    int end = bytes.length - 1;
    if (end < CHECKSUM_LENGTH || bytes[end] != '\n') {
      return null;
    }
    String line = new String(bytes, 0, end, StandardCharsets.UTF_8);
    String checksum = checksum(bytes, CHECKSUM_LENGTH, end - CHECKSUM_LENGTH);
    if (!line.startsWith(checksum)) {
      return null;
    }
    String[] fields = line.split("\t", -1);
    Line read = new Line(fields[1]);
    for (int i = 2; i < fields.length; i++) {
      read.add(fields[i].equals(NULL) ? null : unescape(fields[i]));
    }
    return read;
  }

  private static String checksum(byte[] bytes, int offset, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, offset, length);
    return String.format("%08x", crc.getValue());
  }

  private static String escape(String field) {
    return field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
  }

  private static String unescape(String field) {
    StringBuilder text = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\') {
        c = field.charAt(++i);
        c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
      }
      text.append(c);
    }
    return text.toString();
  }
}
