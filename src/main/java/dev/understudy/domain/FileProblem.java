package dev.understudy.domain;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Why a file cannot be used, in words for people: what Java says of it is often no more than a class and a path. */
public final class FileProblem {
    private FileProblem() {}

    /** The reason alone, without the path. */
    public static String of(Path path, IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "it does not exist";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "it exists already, and is not a directory";
        }
        if (failure instanceof NotDirectoryException) {
            return "it is not a directory";
        }
        if (failure instanceof CharacterCodingException) {
            return "it is not valid UTF-8";
        }
        if (Files.isDirectory(path)) {
            return "it is a directory";
        }
        return of(failure);
    }

    /** The same of a stream. */
    public static String of(IOException failure) {
        String reason = failure instanceof FileSystemException system ? system.getReason() : failure.getMessage();
        return reason == null ? "the system gives no reason" : reason;
    }
}
