namespace CacheProxy.Exchange.Replay;

/// <summary>Where an event of a stream ends: at its blank line (HTML Living Standard §9.2.6), whatever pieces the bytes come in.</summary>
internal static class EventBoundary
{
    /// <summary>How many of the bytes belong to the event under way: up to and with its blank line, or all.</summary>
    /// <param name="isLineEmpty">Carried from call to call; true at the start of a stream.</param>
    public static int Take(ReadOnlySpan<byte> bytes, ref bool isLineEmpty, out bool isWhole)
    {
        int at = 0;
        while (bytes[at..].IndexOf((byte)'\n') is var length and >= 0)
        {
            bool isBlank = isLineEmpty && bytes.Slice(at, length).TrimEnd((byte)'\r').IsEmpty;
            at += length + 1;
            isLineEmpty = true;
            if (isBlank)
            {
                isWhole = true;
                return at;
            }
        }

        isLineEmpty &= bytes[at..].TrimEnd((byte)'\r').IsEmpty;
        isWhole = false;
        return bytes.Length;
    }
}
