using System.Text;

namespace CacheProxy.Inference.Text;

/// <summary>
/// Turns token bytes into text as they come. An unfinished UTF-8 character stays back until its last byte is there; bytes
/// that can be no part of a character become U+FFFD, so the pieces together always equal the decoding of all bytes at once.
/// </summary>
public sealed class IncrementalDetokenizer
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _chars = new char[64];

    /// <returns>The characters that are complete now; valid until the next call.</returns>
    public ReadOnlySpan<char> Append(ReadOnlySpan<byte> bytes) => Decode(bytes, flush: false);

    /// <summary>Ends the text: an unfinished character becomes U+FFFD.</summary>
    public ReadOnlySpan<char> Complete() => Decode([], flush: true);

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        // Up to three bytes held back may each become a replacement character of their own.
        int most = bytes.Length + 4;
        if (_chars.Length < most)
        {
            _chars = new char[most * 2];
        }

        return _chars.AsSpan(0, _decoder.GetChars(bytes, _chars, flush));
    }
}
