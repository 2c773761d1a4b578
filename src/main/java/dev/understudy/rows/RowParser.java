package dev.understudy.rows;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads rows of one format from lines. */
interface RowParser {
    /** The row with the given number, or null at the end. */
    @Nullable
    Row next(LineSource lines, long number) throws IOException;
}
