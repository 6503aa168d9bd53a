using System.Text;
using CacheProxy.Storage;

namespace CacheProxy.Tuning.Settings;

/// <summary>Replaces the settings file whole: whoever reads it, a running proxy too, finds the old text or the new one, never a part.</summary>
public static class SettingsFile
{
    /// <param name="path">The file; a link is followed, so that it stays one.</param>
    /// <param name="before">The text that the change was made from.</param>
    /// <exception cref="IOException">It has changed meanwhile, or cannot be written.</exception>
    public static void Replace(string path, string before, string after)
    {
        string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        if (File.ReadAllText(target) != before)
        {
            throw new IOException($"{path} has changed meanwhile: nothing was written.");
        }

        // Read as text, the mark at the beginning is not part of it.
        bool hasMark = File.ReadAllBytes(target).AsSpan().StartsWith(Encoding.UTF8.Preamble);
        OwnerOnly.Replace(target, [.. hasMark ? Encoding.UTF8.Preamble : [], .. Encoding.UTF8.GetBytes(after)], like: target);
    }
}
