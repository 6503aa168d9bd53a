namespace CacheProxy.Exchange;

/// <summary>
/// One instance of texts that many entries have in common: names of models, namespaces, media types. Each of them would be an object per entry
/// that lives as long as it. Bounded; what has lost its place is only not shared any more.
/// </summary>
internal static class SharedText
{
    private const int Slots = 1024;

    // Ids and prompts are no names.
    private const int LongestText = 128;

    private static readonly string[] Texts = new string[Slots];

    public static string Of(string text)
    {
        if (text.Length > LongestText)
        {
            return text;
        }

        // Who writes at the same time writes an equal text, or takes the place of another: both are whole.
        ref string slot = ref Texts[(uint)text.GetHashCode(StringComparison.Ordinal) % Slots];
        string known = Volatile.Read(ref slot);
        if (known == text)
        {
            return known;
        }

        Volatile.Write(ref slot, text);
        return text;
    }
}
