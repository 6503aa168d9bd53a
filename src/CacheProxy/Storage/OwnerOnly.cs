namespace CacheProxy.Storage;

/// <summary>Folders and files that only their owner may read: answers, questions and keys are secret.</summary>
public static class OwnerOnly
{
    /// <summary>Makes the folder, and those above it, where they are missing.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Opens the file, its folder made where that is missing. The mode counts for a new file only.</summary>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share = FileShare.ReadWrite)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows() && mode is not (FileMode.Open or FileMode.Truncate))
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>Writes beside the file, flushes and moves: a reader, or the next start after a crash, sees the old text or the new one.</summary>
    /// <param name="like">Its mode is taken; null: only the owner may read it.</param>
    /// <param name="overwrite">False: a file that is there already stays.</param>
    /// <exception cref="IOException">It could not be written, or is there already; nothing is left behind.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> bytes, string? like = null, bool overwrite = true)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (FileStream stream = Open(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                if (like is not null && !OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(like));
                }

                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite);
        }
        catch
        {
            // On a full disk every try would leave another part.
            File.Delete(temporary);
            throw;
        }
    }
}
