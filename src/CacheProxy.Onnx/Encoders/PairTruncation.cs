namespace CacheProxy.Onnx.Encoders;

/// <summary>"Longest first" as the verifier was trained with: the longer text gives way until the pair fits or both are equal, then the room is halved.</summary>
internal static class PairTruncation
{
    /// <summary>How many pieces of either text stay when there is room for <paramref name="room"/>.</summary>
    public static (int First, int Second) Fit(int first, int second, int room)
    {
        if (first + second <= room)
        {
            return (first, second);
        }

        int shorter = Math.Min(first, second);
        int longer = shorter <= room ? Math.Max(shorter, room - shorter) : shorter;
        if (shorter + longer > room)
        {
            shorter = room / 2;
            longer = room - shorter;
        }

        return first <= second ? (shorter, longer) : (longer, shorter);
    }
}
