using CacheProxy.Exchange;

namespace CacheProxy.Stores.Memory;

/// <summary>
/// How often fingerprints were asked for that are not kept any more: a count-min sketch of 4-bit counters (Einziger et al., TinyLFU, 2017).
/// A fingerprint is a uniform keyed hash, so that its own words are the rows' indices. It may say too much, never too little of what was
/// noted since the counters were last halved. Not thread-safe.
/// </summary>
internal sealed class FrequencySketch
{
    /// <summary>The most that a counter holds.</summary>
    public const int MaxCount = 15;

    private const int Rows = 4;
    private const int CountersPerWord = 16;
    private const ulong HalfMask = 0x7777_7777_7777_7777;

    // Row after row; each word holds sixteen counters.
    private readonly ulong[] _words;
    private readonly int _wordsPerRow;

    /// <param name="counters">Of each row; rounded up to a power of two.</param>
    public FrequencySketch(int counters)
    {
        _wordsPerRow = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(counters, CountersPerWord)) / CountersPerWord;
        _words = new ulong[Rows * _wordsPerRow];
    }

    public int Estimate(Fingerprint256 fingerprint)
    {
        int least = MaxCount;
        for (int row = 0; row < Rows; row++)
        {
            (int word, int shift) = Place(fingerprint, row);
            least = Math.Min(least, (int)((_words[word] >> shift) & MaxCount));
        }

        return least;
    }

    /// <summary>The fingerprint was asked for at least so often.</summary>
    public void Raise(Fingerprint256 fingerprint, int count)
    {
        ulong value = (ulong)Math.Min(count, MaxCount);
        for (int row = 0; row < Rows; row++)
        {
            (int word, int shift) = Place(fingerprint, row);
            if (((_words[word] >> shift) & MaxCount) < value)
            {
                _words[word] = (_words[word] & ~((ulong)MaxCount << shift)) | (value << shift);
            }
        }
    }

    /// <summary>Halves every counter: what was popular a while ago is half as popular.</summary>
    public void Halve()
    {
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] = (_words[i] >> 1) & HalfMask;
        }
    }

    private (int Word, int Shift) Place(Fingerprint256 fingerprint, int row)
    {
        ulong hash = fingerprint[row];
        return ((row * _wordsPerRow) + (int)((hash >> 4) & (ulong)(_wordsPerRow - 1)), (int)(hash & (CountersPerWord - 1)) * 4);
    }
}
