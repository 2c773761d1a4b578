package dev.understudy.rows;

/** A file of rows cannot be read at all. The message names the file and what would be right. */
public final class RowsException extends Exception {
    private static final long serialVersionUID = 1;

    public RowsException(String message) {
        super(message);
    }

    public RowsException(String message, Throwable cause) {
        super(message, cause);
    }
}
