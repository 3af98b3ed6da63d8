package dev.peers.cli.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Lays out rows of texts in columns, in the width that there is. Columns without any text are left
 * out; what does not fit is cut, and when it cannot be cut further, the least important column
 * goes.
 */
public final class Table {
  /** The width of what is no terminal. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  private static final String GAP = "  ";

  /** Where a text that is too long is cut. */
  public enum Cut {
    START,
    MIDDLE,
    END
  }

  /**
   * A column.
   *
   * @param title what stands above it
   * @param rank how important it is; the greatest goes first
   * @param least to how many cells it can be cut
   * @param cut where it is cut
   */
  public record Column(String title, int rank, int least, Cut cut) {
    /** One that is never cut. */
    public static Column whole(String title, int rank) {
      return new Column(title, rank, UNLIMITED, Cut.END);
    }

    private String fit(String text, int width) {
      return switch (cut) {
        case START -> DisplayWidth.cutStart(text, width);
        case MIDDLE -> DisplayWidth.cutMiddle(text, width);
        case END -> DisplayWidth.cutEnd(text, width);
      };
    }
  }

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /** Adds a row: a text without control characters, or an empty one, for each column. */
  public void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  /** The titles and the rows, a line each, none wider than this. */
  public List<String> lines(int width) {
    List<Integer> shown = new ArrayList<>();
    int[] natural = new int[columns.size()];
    int[] widths = new int[columns.size()];
    for (int i = 0; i < columns.size(); i++) {
      int column = i;
      int widest =
          rows.stream().mapToInt(row -> DisplayWidth.width(row.get(column))).max().orElse(0);
      if (widest > 0) {
        shown.add(i);
        natural[i] = Math.max(widest, DisplayWidth.width(columns.get(i).title()));
        widths[i] = width == UNLIMITED ? natural[i] : Math.min(natural[i], columns.get(i).least());
      }
    }
    if (width != UNLIMITED) {
      fit(shown, natural, widths, width);
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(shown, columns.stream().map(Column::title).toList(), widths));
    rows.forEach(row -> lines.add(line(shown, row, widths)));
    return lines;
  }

  private void fit(List<Integer> shown, int[] natural, int[] widths, int width) {
    while (shown.size() > 1 && total(shown, widths) > width) {
      shown.remove(
          shown.stream().max(Comparator.comparingInt(i -> columns.get(i).rank())).orElseThrow());
    }
    if (shown.size() == 1) {
      int only = shown.get(0);
      widths[only] = Math.min(widths[only], Math.max(1, width));
    }
    // What is left goes to the narrowest of those that are cut, cell by cell.
    for (int left = width - total(shown, widths); left > 0; left--) {
      var cut =
          shown.stream()
              .filter(i -> widths[i] < natural[i])
              .min(Comparator.comparingInt(i -> widths[i]));
      if (cut.isEmpty()) {
        break;
      }
      widths[cut.get()]++;
    }
  }

  private static int total(List<Integer> shown, int[] widths) {
    return shown.stream().mapToInt(i -> widths[i]).sum() + GAP.length() * (shown.size() - 1);
  }

  private String line(List<Integer> shown, List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    int behind = 0;
    for (int i : shown) {
      String text = columns.get(i).fit(row.get(i), widths[i]);
      if (!text.isEmpty()) {
        line.append(" ".repeat(behind)).append(text);
        behind = 0;
      }
      behind += widths[i] - DisplayWidth.width(text) + GAP.length();
    }
    return line.toString();
  }
}
