namespace CacheProxy.SemanticCache.Text;

/// <summary>How far two words are apart in letters added, left out, replaced, or exchanged with their neighbour.</summary>
public static class EditDistance
{
    // Longer words are not misspelt names but data; three rows of this on the stack.
    private const int MaxLength = 48;

    /// <summary>True when <paramref name="most"/> such changes make one word of the other, and both begin with the same letter.</summary>
    public static bool AtMost(string left, string right, int most)
    {
        if (most == 0 || Math.Abs(left.Length - right.Length) > most || left.Length is 0 or > MaxLength || right.Length is 0 or > MaxLength || left[0] != right[0])
        {
            return left == right;
        }

        int width = right.Length + 1;
        Span<int> cells = stackalloc int[3 * (MaxLength + 1)];
        Span<int> before = cells[..width], previous = cells.Slice(MaxLength + 1, width), current = cells.Slice(2 * (MaxLength + 1), width);
        for (int j = 0; j < width; j++)
        {
            previous[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j < width; j++)
            {
                int replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }

            Span<int> oldest = before;
            before = previous;
            previous = current;
            current = oldest;
        }

        return previous[width - 1] <= most;
    }
}
