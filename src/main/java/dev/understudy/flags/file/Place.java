package dev.understudy.flags.file;

/**
 * Where something stands in a flag file.
 *
 * @param path the keys that lead there, e.g. {@code flags.ml-model-version.rollout}; empty for the file as a whole
 */
record Place(int line, int column, String path) {
    Place at(String key) {
        return new Place(line, column, path.isEmpty() ? key : path + "." + key);
    }

    @Override
    public String toString() {
        String where = "line " + line + ", column " + column;
        return path.isEmpty() ? where : where + " (" + path + ")";
    }
}
