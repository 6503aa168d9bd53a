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

    /// <summary>Handed out by the last call: [0, _released). Held back: [_released, _count).</summary>
    private char[] _pending = [];

    private int _released;
    private int _count;

    /// <param name="stops">Empty texts are ignored.</param>
    public StopTextMatcher(IReadOnlyList<string> stops)
    {
        _stops = [.. stops.Where(stop => stop.Length > 0)];
        _fallbacks = [.. _stops.Select(Fallbacks)];
        _matched = new int[_stops.Length];
    }

    /// <summary>A stop text was found: nothing more comes out.</summary>
    public bool Stopped => Found is not null;

    /// <summary>The stop text that was found, or null.</summary>
    public string? Found { get; private set; }

    /// <summary>Takes the next piece and hands out what can no longer be part of a stop text.</summary>
    /// <returns>Valid until the next call, and no longer than the piece itself.</returns>
    public ReadOnlySpan<char> Append(ReadOnlySpan<char> piece)
    {
        if (Stopped)
        {
            return [];
        }

        if (_stops.Length == 0)
        {
            return piece;
        }

        for (int index = 0; index < piece.Length; index++)
        {
            Found = Advance(piece[index]);
            if (Found is not null)
            {
                Hold(piece[..(index + 1)]);
                return Release(_count - Found.Length);
            }
        }

        Hold(piece);
        return Release(_count - HeldBack());
    }

    /// <summary>The text ended with this piece: unless it completes a stop text, what was held back belongs to it after all.</summary>
    public ReadOnlySpan<char> Complete(ReadOnlySpan<char> last = default)
    {
        bool wasStopped = Stopped;
        ReadOnlySpan<char> text = Append(last);
        return wasStopped || Stopped || _stops.Length == 0 ? text : Release(_count);
    }

    /// <returns>The longest stop text that ends with this character, or null.</returns>
    private string? Advance(char next)
    {
        string? found = null;
        for (int i = 0; i < _stops.Length; i++)
        {
            string stop = _stops[i];
            int matched = _matched[i];
            while (matched > 0 && stop[matched] != next)
            {
                matched = _fallbacks[i][matched - 1];
            }

            matched += stop[matched] == next ? 1 : 0;
            found = matched == stop.Length && matched > (found?.Length ?? 0) ? stop : found;
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

    /// <summary>Forgets what the last call handed out and adds to what is held back.</summary>
    private void Hold(ReadOnlySpan<char> piece)
    {
        int held = _count - _released;
        int needed = held + piece.Length;
        char[] target = needed > _pending.Length ? new char[Math.Max(needed, 2 * _pending.Length)] : _pending;
        _pending.AsSpan(_released, held).CopyTo(target);
        piece.CopyTo(target.AsSpan(held));
        (_pending, _released, _count) = (target, 0, needed);
    }

    private ReadOnlySpan<char> Release(int length)
    {
        _released = length;
        return _pending.AsSpan(0, length);
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
