namespace CacheProxy.Inference.Text;

/// <summary>
/// Looks for stop texts across the borders of the pieces a text arrives in, and holds back only what may still become one.
/// The stop text that is complete first ends the text; of several that end at the same character the longest.
/// </summary>
public sealed class StopTextMatcher
{
    private readonly string[] _stops;
    private readonly int[][] _fallbacks;
    private readonly int[] _matched;
    private readonly System.Text.StringBuilder _pending = new();

    /// <param name="stops">Empty texts are ignored.</param>
    public StopTextMatcher(IReadOnlyList<string> stops)
    {
        _stops = [.. stops.Where(stop => stop.Length > 0)];
        _fallbacks = [.. _stops.Select(Fallbacks)];
        _matched = new int[_stops.Length];
    }

    /// <summary>A stop text was found: nothing more comes out.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Takes the next piece and hands out what can no longer be part of a stop text.</summary>
    public string Append(ReadOnlySpan<char> piece)
    {
        if (Stopped)
        {
            return "";
        }

        if (_stops.Length == 0)
        {
            return piece.ToString();
        }

        for (int index = 0; index < piece.Length; index++)
        {
            int stopLength = Advance(piece[index]);
            if (stopLength > 0)
            {
                Stopped = true;
                _pending.Append(piece[..(index + 1)]);
                return Release(_pending.Length - stopLength);
            }
        }

        _pending.Append(piece);
        return Release(_pending.Length - HeldBack());
    }

    /// <summary>The text ended without a stop text: what was held back after all belongs to it.</summary>
    public string Complete() => Stopped ? "" : Release(_pending.Length);

    /// <returns>Length of the longest stop text that ends with this character, or 0.</returns>
    private int Advance(char next)
    {
        int found = 0;
        for (int i = 0; i < _stops.Length; i++)
        {
            string stop = _stops[i];
            int matched = _matched[i];
            while (matched > 0 && stop[matched] != next)
            {
                matched = _fallbacks[i][matched - 1];
            }

            matched += stop[matched] == next ? 1 : 0;
            found = matched == stop.Length ? Math.Max(found, matched) : found;
            _matched[i] = matched == stop.Length ? _fallbacks[i][matched - 1] : matched;
        }

        return found;
    }

    private int HeldBack()
    {
        int held = 0;
        foreach (int matched in _matched)
        {
            held = Math.Max(held, matched);
        }

        return held;
    }

    private string Release(int length)
    {
        if (length == 0)
        {
            return "";
        }

        string text = _pending.ToString(0, length);
        _pending.Remove(0, length);
        return text;
    }

    /// <summary>For each prefix of the stop text, the length of its longest proper suffix that is also a prefix (Knuth, Morris, Pratt).</summary>
    private static int[] Fallbacks(string stop)
    {
        var fallbacks = new int[stop.Length];
        for (int i = 1, length = 0; i < stop.Length; i++)
        {
            while (length > 0 && stop[i] != stop[length])
            {
                length = fallbacks[length - 1];
            }

            length += stop[i] == stop[length] ? 1 : 0;
            fallbacks[i] = length;
        }

        return fallbacks;
    }
}
