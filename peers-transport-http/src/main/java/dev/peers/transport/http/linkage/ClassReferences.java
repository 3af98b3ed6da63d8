package dev.peers.transport.http.linkage;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a compiled class asks of others: the constant pool of its class file.
 *
 * @param classes the binary names of the classes that it names; arrays are left out
 * @param members the fields, methods and constructors that it uses
 * @see <a href="https://docs.oracle.com/javase/specs/jvms/se17/html/jvms-4.html#jvms-4.4">The
 *     constant pool</a>
 */
record ClassReferences(Set<String> classes, List<Member> members) {
  private static final int MAGIC = 0xCAFEBABE;

  /**
   * A field, method or constructor, as the class that uses it was compiled.
   *
   * @param owner the binary name of the class that is asked for it, which may inherit it
   * @param name its name, {@code <init>} for a constructor
   * @param descriptor its type, such as {@code (I)V}
   */
  record Member(String owner, String name, String descriptor) {
    boolean isField() {
      return descriptor.charAt(0) != '(';
    }

    boolean isConstructor() {
      return name.equals("<init>");
    }
  }

  static final ClassReferences NONE = new ClassReferences(Set.of(), List.of());

  ClassReferences {
    classes = Collections.unmodifiableSet(new TreeSet<>(classes));
    members = List.copyOf(members);
  }

  /** Reads a class file; what it stands in is left open. */
  static ClassReferences read(InputStream classFile) throws IOException {
    DataInputStream in = new DataInputStream(classFile);
    if (in.readInt() != MAGIC) {
      throw new IOException("not a class file");
    }
    in.readInt();
    int size = in.readUnsignedShort();
    String[] texts = new String[size];
    int[] kinds = new int[size];
    int[] first = new int[size];
    int[] second = new int[size];
    for (int i = 1; i < size; i++) {
      kinds[i] = in.readUnsignedByte();
      switch (kinds[i]) {
        case 1 -> texts[i] = in.readUTF();
        case 3, 4 -> in.readInt();
        case 5, 6 -> {
          in.readLong();
          // These two take two places.
          i++;
        }
        case 7, 8, 16, 19, 20 -> first[i] = in.readUnsignedShort();
        case 9, 10, 11, 12, 17, 18 -> {
          first[i] = in.readUnsignedShort();
          second[i] = in.readUnsignedShort();
        }
        case 15 -> {
          in.readUnsignedByte();
          first[i] = in.readUnsignedShort();
        }
        default -> throw new IOException("constant " + i + " has the unknown kind " + kinds[i]);
      }
    }
    Set<String> classes = new TreeSet<>();
    List<Member> members = new ArrayList<>();
    for (int i = 1; i < size; i++) {
      if (kinds[i] == 7 && !texts[first[i]].startsWith("[")) {
        classes.add(texts[first[i]].replace('/', '.'));
      } else if (kinds[i] >= 9 && kinds[i] <= 11) {
        String owner = texts[first[first[i]]];
        int type = second[i];
        if (!owner.startsWith("[")) {
          members.add(new Member(owner.replace('/', '.'), texts[first[type]], texts[second[type]]));
        }
      }
    }
    return new ClassReferences(classes, members);
  }
}
